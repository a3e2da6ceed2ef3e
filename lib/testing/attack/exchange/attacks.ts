/** Attacks with wrong subject tokens, and with requests for more than the subject token allows. */
import { type Attack, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { membersOf } from '../http.js';
import type { Changes } from '../request.js';
import { unsigned } from '../signed/jwt.js';
import type { AttackClient } from '../target.js';
import { memberOf, proveAuthentication, tokenIn } from '../token/answer.js';
import { type Exchanging, lookInto, obtain, swap, TYPE, withExchange } from './present.js';

/** The scope that was granted beyond the scope of the subject token. */
async function excessScope(context: AttackContext, { client, service }: Exchanging): Promise<string | undefined> {
  const [first, ...others] = client.scope?.split(' ') ?? [];
  const { token, tokens } = await obtain(context, client, { scope: first });
  const own = String(tokens['scope'] ?? first ?? '').split(' ');
  const more = [...others.filter((word) => !own.includes(word)), 'attack:everything'];
  for (const asked of [more, [...own, ...more]]) {
    const scope = asked.join(' ');
    const page = await swap(context, service, token, { scope });
    const given = tokenIn(page) === undefined ? [] : (memberOf(page, 'scope') ?? scope).split(' '); // RFC 6749 §5.1
    const found = given.find((word) => more.includes(word));
    if (found !== undefined) return `the scope ${found}, which the subject token does not have`;
  }
  return undefined;
}

/** An API that the new token is for, and the subject token is not. */
async function excessAudience(
  context: AttackContext,
  { exchange, client, service }: Exchanging,
): Promise<string | undefined> {
  const { otherResource } = exchange;
  if (otherResource === undefined) return undefined;
  const { token } = await obtain(context, client);
  for (const name of ['resource', 'audience']) {
    const own = tokenIn(await swap(context, service, token, { [name]: otherResource }));
    const { aud } = own === undefined ? {} : await lookInto(context, service, own);
    if ([aud].flat().includes(otherResource)) return `a token for ${otherResource}, by ${name}`;
  }
  return undefined;
}

/** How many seconds the new token lives longer than its subject token. It needs a target whose clock can be advanced. */
async function excessLifetime(context: AttackContext, { client, service }: Exchanging): Promise<string | undefined> {
  if (!context.target.wait) return undefined;
  const { token, tokens } = await obtain(context, client);
  const lifetime = Number(tokens['expires_in']);
  if (!(lifetime > 60)) return undefined;
  await context.wait(lifetime - 30);
  const page = await swap(context, service, token);
  if (tokenIn(page) === undefined) return undefined;
  const left = Number(membersOf(page)['expires_in']);
  return left > 40 ? `${left} s, where the subject token had 30 s left` : undefined;
}

const exchangeWidening: Attack = {
  name: 'exchange-widening',
  title: 'a service exchanges a token that it received for one that allows more',
  clause: 'RFC 8693 §2.2.2, RFC 6749 §3.3',
  run: (context) =>
    withExchange(context, async (exchanging) => {
      const found =
        (await excessScope(context, exchanging)) ??
        (await excessAudience(context, exchanging)) ??
        (await excessLifetime(context, exchanging));
      return found === undefined ? withstood : succeeded(`the service got ${found}`);
    }),
};

const exchangeByAnotherClient: Attack = {
  name: 'exchange-by-another-client',
  title: 'a client that may not exchange tokens exchanges the token of another client',
  clause: 'RFC 8693 §2.2.2',
  run: (context) =>
    withExchange(context, async ({ client }) => {
      const { otherClient, publicClient } = context.target;
      const { token } = await obtain(context, client);
      for (const thief of [otherClient, publicClient]) {
        if (!thief) continue;
        await proveAuthentication(context, thief);
        if (tokenIn(await swap(context, thief, token)) !== undefined)
          return succeeded(`${thief.client_id} got a token for one of ${client.client_id}`);
      }
      return withstood;
    }),
};

/** Values that are no access token of a user, each with the token type that is claimed for it. */
async function impostors(context: AttackContext, client: AttackClient) {
  const { tokens, token } = await obtain(context, client);
  const { code } = await context.obtainCode(client);
  const { issuer } = context.target;
  const claims = { iss: issuer, sub: 'admin', aud: issuer, exp: Math.floor(Date.now() / 1000) + 600 };
  const made = unsigned({ typ: 'at+jwt' }, claims);
  const as = (type: string): Changes => ({ subject_token_type: `${TYPE}${type}` });
  const all: readonly (readonly [what: string, token: unknown, changes: Changes])[] = [
    ['a refresh token counted as an access token', tokens['refresh_token'], {}],
    ['a code counted as an access token', code, {}],
    ['an access token counted as an ID token', token, as('id_token')],
    ['an ID token counted as an access token', tokens['id_token'], {}],
    ['an ID token of another client counted', tokens['id_token'], as('id_token')],
    ['a JWT that nobody signed counted as an access token', made, {}],
    ['a JWT that nobody signed counted as a JWT', made, as('jwt')],
    ['a JWT that nobody signed counted as an ID token', made, as('id_token')],
    ['an assertion that nobody signed counted', Buffer.from('<saml:Assertion/>').toString('base64url'), as('saml2')],
    ['a token of a type that there is not counted', token, as('made_up')],
  ];
  return all.filter((one): one is readonly [string, string, Changes] => typeof one[1] === 'string');
}

const exchangeTokenConfusion: Attack = {
  name: 'exchange-token-confusion',
  title: 'something that is no access token, or a token for somebody else, is exchanged for an access token',
  clause: 'RFC 8693 §2.1, §2.2.2',
  run: (context) =>
    withExchange(context, async ({ client, service }) => {
      for (const [what, token, changes] of await impostors(context, client))
        if (tokenIn(await swap(context, service, token, changes)) !== undefined) return succeeded(what);
      return withstood;
    }),
};

export const presentedAttacks: readonly Attack[] = [exchangeWidening, exchangeByAnotherClient, exchangeTokenConfusion];
