/** Logout requests whose user is being asked. They are kept in the session of the browser. */
import type { SessionRecord } from '../../transaction/session-records.js';

/** Member of the session. */
export const WAITING = 'logout';

/** A waiting request, as JSON. */
export interface Waiting extends SessionRecord {
  readonly clientID?: string | undefined;
  readonly redirectURI?: string | undefined;
  readonly state?: string | undefined;
}
