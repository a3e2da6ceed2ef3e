/** The second response to one refresh token: a client whose first response was lost comes again. */

import { isDeepStrictEqual } from 'node:util';
import { unseal } from '../secrets/seal.js';
import { among } from '../syntax/scope.js';
import type { IssuedTokens, TokenRequest } from '../types.js';
import { report, type Service } from './audit.js';
import { expirationLeft } from './expiration.js';
import type { Granted } from './granted.js';
import { type Minted, mint, told } from './mint.js';
import { countHere } from './refreshes.js';
import type { StoredRecord } from './store.js';

/** What a request requires of its access token, besides the scope. */
type Wishes = Pick<TokenRequest<unknown>, 'confirmation' | 'audience' | 'tokenType' | 'claims' | 'notes'>;

/** The sealed first response, for a client that comes again, with what its access token was made from. */
export interface Answer extends Pick<Minted, 'tokens' | 'expiresAt' | 'kinds' | 'scope'>, Wishes {}

/** What is sealed of a response. */
export function toAnswer({ tokens, expiresAt, kinds, scope }: Minted, wishes: Wishes): Answer {
  const { confirmation, audience, tokenType, claims, notes } = wishes;
  return { tokens, expiresAt, kinds, scope, confirmation, audience, tokenType, claims, notes };
}

function wishesOf({ confirmation, audience, tokenType, claims, notes }: Wishes): Wishes {
  return { confirmation, audience, tokenType, claims, notes };
}

/** Whether two values are the same as JSON: one of them was stored. */
function isSame(one: object | undefined, other: object | undefined): boolean {
  const [first, second] = [one, other].map((each) => JSON.parse(JSON.stringify(each ?? null)) as unknown);
  return isDeepStrictEqual(first, second);
}

/** The first response again; or, if the request asks for less or for something else, a response with a new access token for it. */
async function sameOrOther<C, U>(
  service: Service<C, U>,
  granted: Granted,
  request: TokenRequest<C>,
  answer: Answer,
): Promise<Pick<Answer, 'tokens' | 'scope'> | undefined> {
  const { settings } = service;
  const { tokens, expiresAt, scope } = answer;
  // for other APIs other words of the scope count, which the first token may lack. RFC 8707 §2.2: one refresh token is for all APIs
  const most = isSame(answer.audience, request.audience) ? scope : granted.scope;
  const { scope: asked = most } = request;
  const less = among(most, asked);
  const left = expiresAt - settings.now();
  const later = expirationLeft(tokens, (tokens.expires_in ?? left) - left);
  if (less.length === scope.length && isSame(wishesOf(answer), wishesOf(request)))
    return { tokens: Object.assign({}, tokens, { expires_in: Math.max(0, left) }, later), scope };
  countHere(service, request.client, granted);
  const minted = await mint(settings, request, granted, {
    scope: less,
    withRefreshToken: false,
    hasRefreshToken: true,
  });
  const isStored = await settings.store.put(minted.records, settings.now());
  const refreshToken = tokens.refresh_token;
  return isStored
    ? { tokens: Object.assign({}, minted.tokens, { refresh_token: refreshToken }, later), scope: less }
    : undefined;
}

/**
 * Answers a spent refresh token that comes again within the grace period: parallel tabs and lost responses must not log users out.
 *
 * @param refreshToken the spent token, with which the first response was sealed
 * @returns undefined for a client with another key, and if the authorization was revoked meanwhile
 * @throws TokenError 429 for a client that has asked for other access tokens too often
 */
export async function answerAgain<C, U>(
  service: Service<C, U>,
  granted: Granted,
  request: TokenRequest<C>,
  refreshToken: string,
  record: StoredRecord,
): Promise<IssuedTokens | undefined> {
  const answer = unseal(record.seal ?? '', refreshToken) as Answer;
  const isSameKey = isSame(answer.confirmation, request.confirmation);
  const again = isSameKey ? await sameOrOther(service, granted, request, answer) : undefined;
  if (again) {
    const of = { kinds: answer.kinds, scope: again.scope, claims: request.claims, audience: request.audience };
    report(service, 'refreshed', record, Object.assign(told(of), { again: true }));
  } else {
    const reason = isSameKey ? 'revoked meanwhile' : 'refreshed a moment ago with another key';
    report(service, 'denied', { clientID: record.clientID }, { kind: 'refresh_token', reason });
  }
  return again?.tokens;
}
