/** The second answer to one refresh token. */

import { isDeepStrictEqual } from 'node:util';
import { unseal } from '../secrets/seal.js';
import type { Confirmation, IssuedTokens, TokenRequest } from '../types.js';
import { report, type Service } from './audit.js';
import type { Granted } from './granted.js';
import { type Minted, mint } from './issue.js';
import type { StoredRecord } from './store.js';

/** What is sealed for those who lost the answer. */
export interface Answer extends Pick<Minted, 'tokens' | 'expiresAt' | 'kinds' | 'scope'> {
  /** The key that the access token is bound to. */
  readonly confirmation?: Confirmation | undefined;
}

/** The same answer again, or, for a request that asked for less, one with an access token that may do no more than that. */
async function sameOrLess<C, U>(
  { settings }: Service<C, U>,
  granted: Granted,
  { scope: asked, client, confirmation }: TokenRequest<C>,
  { tokens, expiresAt, scope }: Answer,
): Promise<Pick<Answer, 'tokens' | 'scope'> | undefined> {
  const isWider = asked !== undefined && scope.some((word) => !asked.includes(word));
  if (!isWider) return { tokens: { ...tokens, expires_in: Math.max(0, expiresAt - settings.now()) }, scope };
  const less = scope.filter((word) => asked.includes(word));
  const minted = await mint(settings, client, granted, { scope: less, confirmation, withRefreshToken: false });
  const isStored = await settings.store.put(minted.records, settings.now());
  return isStored ? { tokens: { ...minted.tokens, refresh_token: tokens.refresh_token }, scope: less } : undefined;
}

/**
 * The answer for whoever comes again: parallel tabs and lost responses must not log people out.
 *
 * @param refreshToken the spent token, by which the answer was sealed
 * @returns nothing for whoever has another key, and where all was revoked meanwhile
 */
export async function answerAgain<C, U>(
  service: Service<C, U>,
  granted: Granted,
  request: TokenRequest<C>,
  refreshToken: string,
  record: StoredRecord,
): Promise<IssuedTokens | undefined> {
  const answer = unseal(record.seal ?? '', refreshToken) as Answer;
  const isSameKey = isDeepStrictEqual(answer.confirmation, request.confirmation);
  const again = isSameKey ? await sameOrLess(service, granted, request, answer) : undefined;
  if (again) report(service, 'refreshed', record, { kinds: answer.kinds, scope: again.scope, again: true });
  else {
    const reason = isSameKey ? 'revoked meanwhile' : 'refreshed a moment ago with another key';
    report(service, 'denied', { clientID: record.clientID }, { kind: 'refresh_token', reason });
  }
  return again?.tokens;
}
