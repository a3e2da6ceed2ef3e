/** Reads parameters, one value for each name. */
import type { Context } from 'koa';
import { jsonPairs, replaceConditions } from './conditions.js';
import type { Weak } from './flaws.js';
import { Refusal } from './refusal.js';
import type { State } from './state.js';

export type Form = ReadonlyMap<string, string>;

/** @param many what becomes of a name that comes again: that one of its values counts is a flaw */
function one(params: URLSearchParams, many: 'refused' | 'first' | 'last'): Map<string, string> {
  const form = new Map<string, string>();
  for (const [name, value] of params) {
    const earlier = form.get(name);
    if (name === 'resource' && earlier !== undefined) {
      form.set(name, `${earlier} ${value}`); // RFC 8707 §2
      continue;
    }
    if (form.has(name) && many === 'refused') throw new Refusal('invalid_request', 'A parameter is repeated');
    if (form.has(name) && many === 'first') continue;
    if (value) form.set(name, value); // RFC 6749 §3.2: without a value it counts as omitted
  }
  return form;
}

export function readQuery(ctx: Context, weak: Weak): Form {
  return one(new URLSearchParams(ctx.querystring), weak('authorization-parameter-pollution') ? 'last' : 'refused');
}

async function readText(ctx: Context): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function readBody(ctx: Context, weak: Weak): Promise<URLSearchParams> {
  if (weak('operator-injection:json') && ctx.is('json')) return new URLSearchParams(jsonPairs(await readText(ctx)));
  if (!ctx.is('application/x-www-form-urlencoded')) throw new Refusal('invalid_request', 'A form is expected');
  return new URLSearchParams(await readText(ctx));
}

/** A form of a person's browser. */
export async function readPage(ctx: Context, weak: Weak): Promise<Form> {
  return ctx.method === 'GET' ? readQuery(ctx, weak) : one(await readBody(ctx, weak), 'refused');
}

/** What of the query counts as if it stood in the body. */
function fromURL(ctx: Context, weak: Weak): readonly (readonly [string, string])[] {
  const query = [...new URLSearchParams(ctx.querystring)];
  if (ctx.method === 'GET') return query;
  return query.filter(([name]) => weak(name.startsWith('client_') ? 'token-in-url:secret' : 'token-in-url:post'));
}

/** A form of a client. */
export async function readForm(ctx: Context, state: State, weak: Weak): Promise<Form> {
  if (ctx.method !== 'POST' && !(ctx.method === 'GET' && weak('token-in-url')))
    throw new Refusal('invalid_request', 'POST is expected', 405);
  const body = ctx.method === 'POST' ? await readBody(ctx, weak) : new URLSearchParams();
  for (const [name, value] of fromURL(ctx, weak)) body.append(name, value);
  const first = weak('token-parameter-pollution:first') ? 'first' : 'refused';
  const form = one(body, weak('token-parameter-pollution') ? 'last' : first);
  if (weak('empty-secret:form') && body.get('client_secret') === '') form.set('client_secret', '');
  replaceConditions(form, state, weak);
  return form;
}
