import { TokenError } from '../errors/token-error.js';
import type { Awaitable } from '../types.js';
import { OtherMethodError } from './failure.js';

/** An attempt to authenticate: as which client, and from where. */
export interface AuthenticationAttempt {
  /** The client identifier that the request claims. It is not proved: anyone can claim any client. */
  readonly clientID: string;
  /**
   * The address that the request comes from: Koa's `ctx.ip`. Behind a proxy, set `app.proxy`: otherwise this is the proxy's address. Also set
   * `app.maxIpsCount` to the number of proxies: otherwise the client can choose the address by sending `X-Forwarded-For`.
   */
  readonly address: string;
}

/**
 * How an attempt ended:
 *
 * - `authenticated`;
 * - `refused`: it may have been a guess. Only these attempts should be counted;
 * - `other-method`: refused. The secret is right, and was sent by `client_secret_basic` where `client_secret_post` is registered, or the reverse. Some
 *   clients, such as golang.org/x/oauth2, try one and then the other. The client gets the same answer as for `refused`;
 * - `failed`: it could not be judged, because the application or its store failed.
 */
export type AuthenticationOutcome = 'authenticated' | 'refused' | 'other-method' | 'failed';

/**
 * Slows down clients and addresses that try too often. Count an attempt in `before`, and subtract it in `after` unless it was `refused`: this also counts
 * concurrent attempts. Keep one count for each pair of client and address, and one for each address. Do not count by client alone: an attacker could
 * lock out a client for all addresses.
 *
 * If an attempt is `authenticated`, clear the count of its client and address: the earlier attempts were mistakes of the client itself. From the count of
 * the address subtract only this attempt: otherwise an attacker with a client of their own could clear that count, and go on guessing other secrets.
 */
export interface Throttle {
  /** Called before the credentials are verified. @returns the seconds to wait, if there were too many attempts; otherwise undefined */
  before(attempt: AuthenticationAttempt): Awaitable<number | undefined>;
  after(attempt: AuthenticationAttempt, outcome: AuthenticationOutcome): Awaitable<void>;
}

function outcomeOf(error: unknown): AuthenticationOutcome {
  if (!(error instanceof TokenError) || error.code !== 'invalid_client') return 'failed';
  return error.cause instanceof OtherMethodError ? 'other-method' : 'refused';
}

/**
 * Authenticates, unless the throttle says that there were too many attempts.
 *
 * @throws TokenError 429 with Retry-After, and whatever `authenticate` throws. @see RFC 6585 §4
 */
export async function throttled<T>(
  throttle: Throttle,
  attempt: AuthenticationAttempt,
  authenticate: () => Promise<T>,
): Promise<T> {
  const retryAfter = await throttle.before(attempt);
  if (retryAfter !== undefined) {
    throw new TokenError('Too many attempts', 'temporarily_unavailable', undefined, 429, { cause: { retryAfter } });
  }
  let outcome: AuthenticationOutcome = 'authenticated';
  try {
    return await authenticate();
  } catch (error) {
    outcome = outcomeOf(error);
    throw error;
  } finally {
    await throttle.after(attempt, outcome);
  }
}
