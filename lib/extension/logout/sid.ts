/** The `sid` values by which a client is notified that sessions are over. */
import { restricts } from '../../clients/member.js';
import type { OverSession } from './over-session.js';

/** Members of a registration by which a client says that it needs `sid`. */
type SessionRequired = 'backchannel_logout_session_required' | 'frontchannel_logout_session_required';

/**
 * The `sid` of the session that is over. If all sessions of the user are over, it is undefined, which stands for all of them; a client that needs `sid` is
 * notified of each session.
 *
 * @throws Error if the client needs `sid` and none is known: it must not be notified without
 * @see OpenID Connect Back-Channel Logout §2.2, Front-Channel Logout §2
 */
export function sidsFor<C>(
  { session, allowed }: OverSession,
  [clientID, client]: readonly [clientID: string, client: C],
  required: SessionRequired,
): readonly (string | undefined)[] {
  const { sessionID } = session;
  if (sessionID !== undefined || !restricts(client, required)) return [sessionID];
  const known = allowed.sessionsOf(clientID);
  if (known.length > 0) return known;
  throw new Error(`The client ${clientID} needs sid, and createServer({ authenticationEvent }) gave no sessionID`);
}
