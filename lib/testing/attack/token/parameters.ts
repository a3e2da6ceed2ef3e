/** Attacks with parameters that are sent twice, or in the URL. */
import { BEARER } from '../../../syntax/token-type.js';
import { type Attack, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { send } from '../http.js';
import { credentials, random } from '../request.js';
import { honestFields, honestRefused, memberOf, tokenIn } from './answer.js';

/** Parameters, each with a second value that is sent in addition to the honest one. */
function second(context: AttackContext): readonly (readonly [string, string])[] {
  const { otherClient, publicClient } = context.target;
  const other = otherClient ?? publicClient;
  return [
    ['grant_type', 'refresh_token'],
    ['code', random()],
    ['redirect_uri', other?.redirect_uri ?? 'https://attacker.example/'],
    ['code_verifier', random()],
  ];
}

export const tokenParameterPollution: Attack = {
  name: 'token-parameter-pollution',
  title: 'a parameter of a token request is sent twice, with two values',
  clause: 'RFC 6749 §3.2',
  async run(context) {
    const { client } = context.target;
    for (const [name, value] of second(context)) {
      for (const order of ['first', 'last']) {
        const fields = Object.entries(await honestFields(context, client));
        const polluted = order === 'first' ? [[name, value] as const, ...fields] : [...fields, [name, value] as const];
        if (tokenIn(await context.post(client, polluted)) !== undefined)
          return succeeded(`tokens for a request with two values of ${name}, the wrong one ${order}`);
      }
    }
    return withstood;
  },
};

/** URLs are kept in logs and histories, and sent in Referer headers. */
function withQuery(url: string, fields: Readonly<Record<string, string>>): string {
  const result = new URL(url);
  for (const [name, value] of Object.entries(fields)) result.searchParams.append(name, value);
  return result.href;
}

async function tokenRequestsInURL(context: AttackContext): Promise<string | undefined> {
  const { client } = context.target;
  const { token } = context.endpoints;
  const { headers, fields } = credentials(client);
  const got = await send(withQuery(token, { ...(await honestFields(context, client)), ...fields }), { headers });
  if (tokenIn(got) !== undefined) return 'a GET gave tokens';
  const { code = '', ...rest } = await honestFields(context, client);
  const posted = await context.post(client, rest, withQuery(token, { code }));
  if (tokenIn(posted) !== undefined) return 'the code was read from the URL';
  const { client_id, client_secret = '' } = client;
  const body = new URLSearchParams(await honestFields(context, client));
  const known = await send(withQuery(token, { client_id, client_secret }), { method: 'POST', body });
  return tokenIn(known) === undefined ? undefined : 'the client secret was read from the URL';
}

async function bearerInURL(context: AttackContext): Promise<string | undefined> {
  const { resource } = context.endpoints;
  if (resource === undefined) return undefined;
  const access_token = String((await context.obtainTokens(context.target.client))['access_token']);
  const inHeader = await send(resource, { headers: { authorization: `${BEARER} ${access_token}` } });
  if (inHeader.status !== 200) throw honestRefused(resource, inHeader.status);
  const inURL = await send(withQuery(resource, { access_token }));
  return inURL.status === 200 ? 'the access token was read from the URL' : undefined;
}

export const tokenInURL: Attack = {
  name: 'token-in-url',
  title: 'credentials are accepted in URLs, which logs and histories keep',
  clause: 'RFC 6749 §2.3.1, §3.2; RFC 9700 §4.3.2',
  async run(context) {
    const found = (await tokenRequestsInURL(context)) ?? (await bearerInURL(context));
    return found === undefined ? withstood : succeeded(found);
  },
};

export const tokenCaching: Attack = {
  name: 'token-caching',
  title: 'an answer with tokens may be kept in a cache',
  clause: 'RFC 6749 §5.1',
  async run(context) {
    const { client } = context.target;
    const { headers } = await context.exchange(client, await context.obtainCode(client));
    const control = headers.get('cache-control') ?? '';
    return /\bno-store\b/i.test(control) ? withstood : succeeded(`Cache-Control is "${control}"`);
  },
};

export const passwordGrant: Attack = {
  name: 'password-grant',
  title: "the server takes users' passwords from clients",
  clause: 'RFC 9700 §2.4',
  async run(context) {
    const { client } = context.target;
    const guess = { username: random(), password: random() };
    const ask = async (grant_type: string): Promise<string> => {
      const page = await context.post(client, { ...guess, grant_type });
      return `${page.status} ${memberOf(page, 'error')}`;
    };
    const [asked, unheardOf] = [await ask('password'), await ask(random())];
    if (asked === unheardOf || asked.endsWith(' unauthorized_client')) return withstood;
    return succeeded(`a password was looked at: ${asked}, where it is ${unheardOf} for a grant type that nobody knows`);
  },
};
