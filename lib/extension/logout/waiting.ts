/** Logout requests whose user is being asked. They are kept in the session of the browser that brought them. */
import type { SessionRecord } from '../../transaction/session-records.js';

/** Member of the session. */
export const WAITING = 'logout';

/** What is kept of a request. JSON. */
export interface Waiting extends SessionRecord {
  readonly clientID?: string | undefined;
  readonly redirectURI?: string | undefined;
  readonly state?: string | undefined;
}
