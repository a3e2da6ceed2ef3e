/** Limits how often one authorization is refreshed, and so how many access tokens it has: listing and revoking it takes time in proportion to them. */
import { TokenError } from '../errors/token-error.js';
import type { Service } from './audit.js';
import type { Granted, Refreshes } from './granted.js';

/** The most authorizations whose refreshes this process counts: a bound on memory. */
const MOST = 10_000;

/** Counts a refresh. @returns the new count. @throws TokenError 429 if there were too many; nothing is spent then */
export function counted<C, U>({ settings }: Service<C, U>, client: C, refreshes: Refreshes | undefined): Refreshes {
  const now = settings.now();
  const { accessToken } = settings.lifetimes(client);
  const { since, count } = refreshes ?? { since: now, count: 0 };
  if (now < since || now >= since + accessToken) return { since: now, count: 1 };
  if (count < settings.maxRefreshes) return { since, count: count + 1 };
  const cause = { retryAfter: since + accessToken - now, message: `Refreshed ${count} times in ${accessToken} s` };
  throw new TokenError('Refreshed too often', 'temporarily_unavailable', undefined, 429, { cause });
}

/**
 * Counts an access token that is issued without a new refresh token. The record of a refresh token has the count; without one, each process counts for itself.
 *
 * @throws TokenError 429 if there were too many
 */
export function countHere<C, U>(service: Service<C, U>, client: C, { authorizationID }: Granted): void {
  const { countedHere } = service;
  countedHere.set(authorizationID, counted(service, client, countedHere.get(authorizationID)));
  countedHere.deleteWhile(() => countedHere.size > MOST);
}
