/** The state of a login: the value in the cookie, and the value for each client. @see OpenID Connect Session Management §2, §3.2 */
import { createHmac, hash } from 'node:crypto';
import type { Core } from '../../core.js';
import { random } from '../../secrets/random.js';

/** The number of random bytes. They prevent that a client can tell from two values whether they are from one browser. */
const SALT = 16;

/**
 * The value of the cookie while a user is logged in. It differs for another login and for another user. It discloses neither the user nor the session, since
 * scripts can read it (§3.2).
 *
 * @returns undefined if the server cannot tell the subject of the user
 */
export function browserStateOf<C, U>(core: Core<C, U>, secret: string, user: U): string | undefined {
  const subject = core.subject(user);
  if (subject === undefined) return undefined;
  const { sessionID, authenticatedAt } = core.authenticationEvent(user) ?? {};
  return createHmac('sha256', secret)
    .update(JSON.stringify([subject, sessionID ?? authenticatedAt]))
    .digest('base64url');
}

/** The `session_state` for a client. Only pages of the client at this origin can have it compared. The script of the page computes the same value. */
export function sessionStateOf(clientID: string, origin: string, browserState: string): string {
  const salt = random(SALT);
  return `${hash('sha256', `${clientID} ${origin} ${browserState} ${salt}`, 'base64url')}.${salt}`;
}
