/** Judges what the application tells about a login. */
import { CLOCK_SKEW, notPast } from '../clock.js';
import { isSessionID } from '../syntax/parameters.js';
import type { AuthenticationEvent } from '../types.js';

/**
 * Judges a login. A time in milliseconds, given by mistake, would be a login in the far future, which would count as recent for ever. A `sessionID` is sent
 * to clients unchanged, and they compare it. The message does not repeat it, because it may be a secret of the application.
 *
 * @param by the option that gave the event, for the message
 * @throws TypeError for an `authenticatedAt` that is later than now by more than `CLOCK_SKEW`, and for a malformed `sessionID`
 * @see RFC 6749 appendix A.1: a session ID has the syntax of a client identifier
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
