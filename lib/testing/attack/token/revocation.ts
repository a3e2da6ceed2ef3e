/** Attacks on revocation, and with tokens that were revoked. */
import { type Attack, type AttackOutcome, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import type { Page } from '../http.js';
import { describePage } from '../request.js';
import type { AttackClient } from '../target.js';
import { clientsOf, honest, memberOf, obtainRefreshToken, proveAuthentication, refresh, tokenIn } from './answer.js';
import { isActive } from './introspection.js';

const NO_REVOCATION = skipped('there is no revocation endpoint');

export const revocationOfAnothersToken: Attack = {
  name: 'revocation-of-anothers-token',
  title: 'a client revokes a token of another',
  clause: 'RFC 7009 §2.1',
  async run(context) {
    const { revocation } = context.endpoints;
    const { client, otherClient, publicClient } = context.target;
    if (revocation === undefined) return NO_REVOCATION;
    const thieves = [otherClient, publicClient].filter((one) => one !== undefined);
    if (thieves.length === 0) return skipped('there is no other client');
    for (const thief of thieves) {
      await proveAuthentication(context, thief);
      const token = await obtainRefreshToken(context, client);
      if (token === undefined) return skipped('the client is given no refresh token');
      await context.post(thief, { token }, revocation);
      if (tokenIn(await refresh(context, client, token)) === undefined)
        return succeeded(`${thief.client_id} ended a refresh token of ${client.client_id}`);
    }
    return withstood;
  },
};

const NOTHING_SEEN = skipped('the clients are given no refresh token, and may not introspect their access tokens');

type Revoke = (client: AttackClient, token: string) => Promise<Page>;

/** A server may refuse to revoke access tokens, with an error (RFC 7009 §2.2.1): the attack succeeds only if the server answers with success. */
async function revokeAccess(context: AttackContext, client: AttackClient, revoke: Revoke): Promise<AttackOutcome> {
  const { introspection } = context.endpoints;
  if (introspection === undefined) return NOTHING_SEEN;
  const token = String((await context.obtainTokens(client))['access_token']);
  const ask = async (): Promise<boolean> => isActive(await context.post(client, { token }, introspection));
  if (!(await ask())) return NOTHING_SEEN;
  const { status } = await revoke(client, token);
  return status < 300 && (await ask())
    ? succeeded(`the access token of ${client.client_id} is still active`)
    : withstood;
}

async function revokeRefresh(context: AttackContext, client: AttackClient, revoke: Revoke): Promise<AttackOutcome> {
  const first = await obtainRefreshToken(context, client);
  if (first === undefined) return NOTHING_SEEN;
  const token = memberOf(honest(await refresh(context, client, first), 'An honest refresh'), 'refresh_token') ?? first;
  const answer = await revoke(client, token);
  if (tokenIn(await refresh(context, client, token)) === undefined) return withstood;
  return succeeded(
    `the refresh token of ${client.client_id} gives tokens; its revocation was answered with ${describePage(answer)}`,
  );
}

export const revocationWithoutEffect: Attack = {
  name: 'revocation-without-effect',
  title: 'a token that its client has revoked, since it was stolen, is still good',
  clause: 'RFC 7009 §2, §2.1',
  async run(context) {
    const { revocation } = context.endpoints;
    if (revocation === undefined) return NO_REVOCATION;
    const revoke: Revoke = (client, token) => context.post(client, { token }, revocation);
    let outcome = NOTHING_SEEN;
    for (const client of clientsOf(context))
      for (const attempt of [revokeRefresh, revokeAccess]) {
        const found = await attempt(context, client, revoke);
        if (found.outcome === 'succeeded') return found;
        if (found.outcome === 'withstood') outcome = found;
      }
    return outcome;
  },
};
