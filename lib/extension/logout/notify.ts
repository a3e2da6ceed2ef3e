/** Notifies a client of a session by the back channel that the session is over. */
import type { Context } from 'koa';
import type { Core } from '../../core.js';
import { attempt } from './attempt.js';
import { backChannelOf, type Tell } from './back-channel.js';
import { insist } from './insist.js';
import type { OverSession } from './over-session.js';
import { sidsFor } from './sid.js';

export async function notify<C, U>(
  core: Core<C, U>,
  ctx: Context,
  over: OverSession,
  [clientID, client]: readonly [clientID: string, client: C],
  tell: Tell<C>,
): Promise<void> {
  const uri = backChannelOf(client, clientID);
  if (uri === undefined) return;
  const { subject: user } = over.session;
  const sub = await insist(() => core.outwardSubject(user, client)).result;
  const sids = sidsFor(over, [clientID, client], 'backchannel_logout_session_required');
  await Promise.all(sids.map((sid) => attempt(ctx, () => tell(uri, client, { user, clientID, sub, sid }))));
}
