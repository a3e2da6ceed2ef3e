/** Attacks with revoked and expired tokens. */
import { type Attack, type AttackOutcome, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import type { AttackClient } from '../target.js';
import { tokenIn } from '../token/answer.js';
import { type Exchanging, exchanged, introspect, obtain, swap, withExchange } from './present.js';

const NO_REVOCATION = skipped('there is no revocation endpoint');

/** Revokes a token, as its client. */
async function revoke({ endpoints, post }: AttackContext, client: AttackClient, token: unknown): Promise<void> {
  if (endpoints.revocation !== undefined) await post(client, { token: String(token) }, endpoints.revocation);
}

async function exchangesEnded(context: AttackContext, { client, service }: Exchanging): Promise<AttackOutcome> {
  for (const ended of ['refresh_token', 'access_token']) {
    const { token, tokens } = await obtain(context, client);
    if (tokens[ended] === undefined) continue;
    await revoke(context, client, tokens[ended]);
    if (tokenIn(await swap(context, service, token)) !== undefined)
      return succeeded(`an access token was exchanged after its ${ended.replace('_', ' ')} was revoked`);
  }
  if (!context.target.wait) return withstood;
  const expired = await obtain(context, client);
  await context.wait(Number(expired.tokens['expires_in'] ?? 3600) + 120);
  const page = await swap(context, service, expired.token);
  return tokenIn(page) === undefined ? withstood : succeeded('a token that had expired was exchanged');
}

const exchangeOfEndedToken: Attack = {
  name: 'exchange-of-ended-token',
  title: 'a revoked or expired token is exchanged for a valid one',
  clause: 'RFC 8693 §2.1, §2.2.2',
  run: (context) =>
    withExchange(context, async (exchanging) =>
      context.endpoints.revocation === undefined ? NO_REVOCATION : exchangesEnded(context, exchanging),
    ),
};

const exchangeOutlivesAuthorization: Attack = {
  name: 'exchange-outlives-authorization',
  title: 'a token from an exchange stays valid after the access that it came from was ended',
  clause: 'RFC 7009 §2.1',
  run: (context) =>
    withExchange(context, async ({ client, service }) => {
      if (context.endpoints.revocation === undefined) return NO_REVOCATION;
      const { token, tokens } = await obtain(context, client);
      if (tokens['refresh_token'] === undefined) return skipped('the client is given no refresh token');
      const own = await exchanged(context, service, token);
      const before = await introspect(context, service, own);
      if (before?.['active'] !== true) return skipped('the service cannot introspect its own token');
      await revoke(context, client, tokens['refresh_token']);
      const after = await introspect(context, service, own);
      return after?.['active'] === true
        ? succeeded('the token of the service is good, and the access of the client is ended')
        : withstood;
    }),
};

export const endingAttacks: readonly Attack[] = [exchangeOfEndedToken, exchangeOutlivesAuthorization];
