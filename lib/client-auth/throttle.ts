import { TokenError } from '../errors/token-error.js';
import type { Awaitable } from '../types.js';
import { OtherMethodError } from './failure.js';

/** Who tries to authenticate, from where. */
export interface AuthenticationAttempt {
  /** The client identifier that the request claims: anyone can claim any. */
  readonly clientID: string;
  /**
   * Where it comes from: Koa's `ctx.ip`. Behind a proxy that is the proxy's, unless `app.proxy` is set; with `app.maxIpsCount` at the
   * number of proxies, else it is what the client wrote into `X-Forwarded-For`.
   */
  readonly address: string;
}

/**
 * How an attempt ended:
 *
 * - `authenticated`;
 * - `refused`: it may have been a guess, and is the only one that counts;
 * - `other-method`: refused, with the right secret, by `client_secret_basic` in place of `client_secret_post` or the other way round. Some clients,
 *   such as golang.org/x/oauth2, try one and then the other. The client is told the same as one that was refused;
 * - `failed`: it could not be judged, because the application or its store failed.
 */
export type AuthenticationOutcome = 'authenticated' | 'refused' | 'other-method' | 'failed';

/**
 * Slows down whoever tries too often. Count an attempt in `before`, and take it back in `after` unless it was `refused`: then many at the same
 * moment are counted as well. Count by client and address together, and by address: whoever could lock out a client from everywhere would do so.
 *
 * Where an attempt is `authenticated`, forget what was counted by client and address together: it was that client's own mistakes. Of a count
 * that others share, such as that by address, take back that one attempt only: else whoever has a client of his own could guess those of others.
 */
export interface Throttle {
  /** Before anything is looked at. @returns seconds to wait, for whoever has tried too often */
  before(attempt: AuthenticationAttempt): Awaitable<number | undefined>;
  after(attempt: AuthenticationAttempt, outcome: AuthenticationOutcome): Awaitable<void>;
}

function outcomeOf(error: unknown): AuthenticationOutcome {
  if (!(error instanceof TokenError) || error.code !== 'invalid_client') return 'failed';
  return error.cause instanceof OtherMethodError ? 'other-method' : 'refused';
}

/**
 * Runs an attempt under a throttle.
 *
 * @throws TokenError 429 with Retry-After, and what `authenticate` throws. @see RFC 6585 §4
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
