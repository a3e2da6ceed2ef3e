/** What the application says of a login. */
import { CLOCK_SKEW, notPast } from '../clock.js';
import { isSessionID } from '../syntax/parameters.js';
import type { AuthenticationEvent } from '../types.js';

/**
 * A time in milliseconds, by mistake, would be a login in the far future, which is fresh for ever. A `sessionID` goes to clients as it is, and they
 * compare it: a number, an empty text or other characters are no session ID. The message does not repeat it, because it may be a secret of the application.
 *
 * @param by which option said it
 * @throws TypeError for an `authenticatedAt` that is later than clocks may differ, and for a `sessionID` that cannot be one
 * @see RFC 6749 appendix A.1, whose syntax clients know session IDs by
 */
export function requireEvent(
  event: AuthenticationEvent | undefined,
  now: number,
  by: string,
): AuthenticationEvent | undefined {
  const { authenticatedAt, sessionID } = event ?? {};
  if (authenticatedAt !== undefined && !(authenticatedAt <= now + CLOCK_SKEW))
    throw notPast(`${by}: authenticatedAt`, authenticatedAt, now);
  if (sessionID !== undefined && !isSessionID(sessionID))
    throw new TypeError(`${by}: sessionID is a text of 1 to 2048 printable ASCII characters`);
  return event;
}
