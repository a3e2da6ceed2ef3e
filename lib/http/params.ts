/** Reads request parameters once: strings only, one value per name, empty means absent. @see RFC 6749 §3.1, §3.2 */
import type { Context } from 'koa';
import type { KnownParameters } from '../core.js';
import { BadRequestError } from '../errors/bad-request-error.js';
import { OAuth2Error } from '../errors/oauth2-error.js';
import { requireWellFormed } from '../syntax/parameters.js';
import type { Awaitable, FormBody, Params } from '../types.js';
import { hasBody, readText, requireWhole } from './body.js';
import { fieldsOf, requireFew } from './fields.js';
import { type Form, permitRepeated, toForm } from './form.js';
import { perRequest } from './per-request.js';
import { requireTarget } from './target.js';

const FORM = 'application/x-www-form-urlencoded';

/** Whether a name was sent, with a value or without. */
export function wasSent({ params, refused, empty }: Form, name: string): boolean {
  return params.has(name) || refused.has(name) || empty.has(name);
}

/** What a query or the text of a form says. @throws BadRequestError for more fields than a request has */
function parse(text: string): Iterable<readonly [string, string]> {
  if (text === '') return [];
  requireFew(text);
  return new URLSearchParams(text);
}

/** The parameters in the request's URL. @throws BadRequestError when it cannot be read, or has too many */
export function readQuery(ctx: Context): Form {
  requireTarget(ctx); // else ctx.querystring throws an error of Node's, which would be 500
  return toForm(parse(ctx.querystring));
}

interface Parsed {
  body?: unknown;
  rawBody?: unknown;
}

/** A plain object as form parsers make it, but without a prototype. */
function toBody(entries: Iterable<readonly [string, string]>): FormBody {
  const body: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of entries) {
    const earlier = body[name];
    if (earlier === undefined) body[name] = value;
    else if (typeof earlier === 'string') body[name] = [earlier, value];
    else earlier.push(value); // no copy: many values of one name would cost the square of their number
  }
  return body;
}

/** Whether the request says that its body is a form. */
export function hasFormType({ req, request }: Context): boolean {
  // RFC 9110 §8.3.1: whatever its case and parameters
  return req.headers['content-type'] === FORM || request.type.trim().toLowerCase() === FORM;
}

/** What was read here of each request's body, and what was left for the application. */
const read = perRequest<{ readonly body: FormBody; readonly form: Form }>('form');

/**
 * The parameters in the request's body, whatever body parser ran before, or none; leaves them in `ctx.request.body` for the
 * application.
 *
 * @throws BadRequestError when the target cannot be read, or the body is too large, has too many fields or was cut off
 */
export function readForm(ctx: Context): Awaitable<Form> {
  requireTarget(ctx);
  requireWhole(ctx);
  const request = ctx.request as Parsed;
  const earlier = read.of(ctx);
  if (earlier && earlier.body === request.body) return earlier.form; // once is enough: unless the application has put another
  const isForm = hasFormType(ctx);
  if (typeof request.rawBody === 'string' && isForm) return toForm(parse(request.rawBody));
  const parsed = typeof request.body === 'object' && request.body !== null ? fieldsOf(request.body) : [];
  const { readableDidRead, readableEnded } = ctx.req;
  const leftUnread = isForm && !readableDidRead && !readableEnded; // by a parser of JSON only
  if (parsed.length > 0 || (request.body && isForm && !leftUnread)) return toForm(parsed);
  if (!hasBody(ctx)) return toForm([]);
  if (!isForm) throw new BadRequestError('The request body is of no type that was read', 415); // it may say no
  return readHere(ctx);
}

/** Where no body parser ran before. */
async function readHere(ctx: Context): Promise<Form> {
  const entries = parse(await readText(ctx));
  const form = toForm(entries);
  const body = toBody(entries);
  (ctx.request as Parsed).body = body;
  read.set(ctx, { body, form });
  return form;
}

function isFormValue(value: unknown): value is string | readonly string[] {
  return typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));
}

/** What `readForm` left for the application, and nothing that a form cannot say. */
export function formBody(ctx: Context): FormBody {
  const { body } = ctx.request as Parsed;
  return Object.fromEntries(Object.entries(body ?? {}).filter((field) => isFormValue(field[1])));
}

/** @throws BadRequestError */
export function requirePost(ctx: Context): void {
  if (ctx.method === 'POST') return;
  ctx.set('Allow', 'POST');
  throw new BadRequestError('The request must be a POST', 405);
}

/**
 * The parameters of a request to an endpoint that takes POSTed forms only.
 *
 * @param known which of them the endpoint reads
 * @throws OAuth2Error
 */
export async function readPostedParams(ctx: Context, known: KnownParameters): Promise<Params> {
  requirePost(ctx); // RFC 6749 §3.2
  if (hasBody(ctx) && !hasFormType(ctx)) throw new BadRequestError(`Content-Type must be ${FORM}`); // RFC 6749 §4.1.3, appendix B
  const { params, refused } = permitRepeated(await readForm(ctx), known);
  for (const name of refused) throw refuse(name);
  return requireWellFormed(params);
}

/** What a name looks like. A body of another form, read as a form, is one long name with all its secrets. */
const NAME = /^[\w.:$[\]-]{1,64}$/;

/** The error for a parameter that was repeated, or is not a string. */
export function refuse(name: string): OAuth2Error {
  const what = NAME.test(name) ? `${name} must be a string` : 'each must be a string, and come once';
  return new OAuth2Error(`Invalid parameter: ${what}`, 'invalid_request', undefined, 400);
}
