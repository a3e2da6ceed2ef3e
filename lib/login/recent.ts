import { CLOCK_SKEW, notPast } from '../clock.js';

/** The times that a login is compared with, in epoch seconds. */
export interface Times {
  /** When the request arrived: a login after that is recent enough for any `max_age`, even for 0. */
  readonly at: number;
  readonly now: number;
}

/**
 * Whether a login is recent enough for a request.
 *
 * @param authenticatedAt in epoch seconds
 * @param maxAge in seconds
 * @throws TypeError for a time that is later than now by more than `CLOCK_SKEW`: a time in milliseconds, given by mistake, would count as recent for ever
 * @see RFC 9470 §4, OpenID Connect Core §3.1.2.1
 */
export function isRecent(authenticatedAt: number | undefined, maxAge: number, { at, now }: Times): boolean {
  if (authenticatedAt === undefined) return false;
  if (authenticatedAt > now + CLOCK_SKEW) throw notPast('authenticatedAt', authenticatedAt, now);
  return at - authenticatedAt <= maxAge;
}
