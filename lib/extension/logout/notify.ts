/** Tells the clients of a session by the back channel that it is over, and ends what they were allowed while it lasted. */
import type { Context } from 'koa';
import type { Core } from '../../core.js';
import { attempt } from './attempt.js';
import { backChannelOf, type Tell } from './back-channel.js';
import type { OverSession } from './over-session.js';
import { sidsFor } from './sid.js';

/** @param wait seconds after which the user does not wait any more: what is not done goes on without them */
export async function notify<C, U>(
  core: Core<C, U>,
  ctx: Context,
  over: OverSession<C>,
  tell: Tell<C>,
  wait: number,
): Promise<void> {
  const told = over.clients.map(([clientID, client]) =>
    attempt(ctx, async () => {
      const uri = backChannelOf(client, clientID);
      if (uri === undefined) return;
      const { subject: user } = over.session;
      const sub = await core.outwardSubject(user, client);
      const sids = sidsFor(over, [clientID, client], 'backchannel_logout_session_required');
      await Promise.all(sids.map((sid) => attempt(ctx, () => tell(uri, client, { user, clientID, sub, sid }))));
    }),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, wait * 1000);
  });
  await Promise.race([Promise.all([attempt(ctx, () => over.allowed.end()), ...told]), late]);
  clearTimeout(timer);
}
