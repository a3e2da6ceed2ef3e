/** The state of a login, as the browser keeps it, and as each client gets it. @see OpenID Connect Session Management §2, §3.2 */
import { createHmac, hash } from 'node:crypto';
import type { Core } from '../../core.js';
import { random } from '../../secrets/random.js';

/** Random bytes, so that a client cannot tell from two values whether they are of one browser. */
const SALT = 16;

/**
 * What the cookie has while a user is logged in: another value after another login, or for another user. It tells neither the user nor the session,
 * since scripts can read it (§3.2).
 *
 * @returns undefined where nothing says who the user is
 */
export function browserStateOf<C, U>(core: Core<C, U>, secret: string, user: U): string | undefined {
  const subject = core.subject(user);
  if (subject === undefined) return undefined;
  const { sessionID, authenticatedAt } = core.authenticationEvent(user) ?? {};
  return createHmac('sha256', secret)
    .update(JSON.stringify([subject, sessionID ?? authenticatedAt]))
    .digest('base64url');
}

/** What a client gets: only its own pages, of this origin, can compare it. The script of the page computes the same. */
export function sessionStateOf(clientID: string, origin: string, browserState: string): string {
  const salt = random(SALT);
  return `${hash('sha256', `${clientID} ${origin} ${browserState} ${salt}`, 'base64url')}.${salt}`;
}
