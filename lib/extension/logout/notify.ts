/** Tells the clients of a session that it is over, and ends what they were allowed while it lasted. */
import type { Context } from 'koa';
import type { LoginSession } from '../../connected-tokens.js';
import type { Core } from '../../core.js';
import { tellError } from '../../errors/tell.js';
import { toError } from '../../errors/to-oauth2-error.js';
import type { AllowedInSession } from '../../plugs.js';
import type { Tell } from './back-channel.js';

const NOTHING: AllowedInSession = { clientIDs: [], end: async () => {} };

/** A session that is over, and who is told. */
export interface OverSession<C> {
  readonly session: LoginSession;
  readonly allowed: AllowedInSession;
  readonly clients: readonly (readonly [clientID: string, client: C])[];
}

/** Failures are for the operator: the user is logged out here all the same. */
async function attempt<T>(ctx: Context, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    tellError(ctx.app, toError(error), ctx);
    return undefined;
  }
}

/** The clients that the user logged in at from this session. */
export async function overSession<C, U>(
  core: Core<C, U>,
  ctx: Context,
  session: LoginSession,
): Promise<OverSession<C>> {
  const found = await attempt(ctx, async () => core.tokens?.allowedInSession?.(session));
  const allowed = found ?? NOTHING;
  const clients = await Promise.all(
    allowed.clientIDs.map(async (clientID) => {
      const client = await attempt(ctx, () => core.findClient(clientID));
      return client ? [[clientID, client] as const] : [];
    }),
  );
  return { session, allowed, clients: clients.flat() };
}

/** @param wait seconds after which the user does not wait any more: what is not done goes on without them */
export async function notify<C, U>(
  core: Core<C, U>,
  ctx: Context,
  { session, allowed, clients }: OverSession<C>,
  tell: Tell<C>,
  wait: number,
): Promise<void> {
  const told = clients.map(([clientID, client]) =>
    attempt(ctx, async () => {
      const sub = await core.outwardSubject(session.subject, client);
      await tell(client, { clientID, sub, sid: session.sessionID });
    }),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, wait * 1000);
  });
  await Promise.race([Promise.all([attempt(ctx, () => allowed.end()), ...told]), late]);
  clearTimeout(timer);
}
