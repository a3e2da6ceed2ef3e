/** A session that is over, and the clients that the user logged in at from it. */
import type { Context } from 'koa';
import type { LoginSession } from '../../connected-tokens.js';
import type { Core } from '../../core.js';
import type { AllowedInSession } from '../../plugs.js';
import { attempt } from './attempt.js';

const NOTHING: AllowedInSession = { clientIDs: [], sessionsOf: () => [], end: async () => {} };

/** A session that is over, and who is told. */
export interface OverSession<C> {
  readonly session: LoginSession;
  readonly allowed: AllowedInSession;
  readonly clients: readonly (readonly [clientID: string, client: C])[];
}

export async function overSession<C, U>(
  core: Core<C, U>,
  ctx: Context,
  session: LoginSession,
): Promise<OverSession<C>> {
  const found = await attempt(ctx, () => core.tokens?.allowedInSession?.(session));
  const allowed = found ?? NOTHING;
  const clients = await Promise.all(
    allowed.clientIDs.map(async (clientID) => {
      const client = await attempt(ctx, () => core.findClient(clientID));
      return client ? [[clientID, client] as const] : [];
    }),
  );
  return { session, allowed, clients: clients.flat() };
}
