/** A session that is over, and its authorizations. */
import type { Context } from 'koa';
import type { LoginSession } from '../../connected-tokens.js';
import type { Core } from '../../core.js';
import type { AllowedInSession } from '../../plugs.js';
import { attempt } from './attempt.js';
import { insist } from './insist.js';

const NOTHING: AllowedInSession = { clientIDs: [], sessionsOf: () => [], end: async () => {} };

export interface OverSession {
  readonly session: LoginSession;
  readonly allowed: AllowedInSession;
}

export async function allowedIn<C, U>({ tokens }: Core<C, U>, session: LoginSession): Promise<AllowedInSession> {
  return (await tokens?.allowedInSession?.(session)) ?? NOTHING;
}

/** The error that tells the operator to end the authorizations by hand, with `tokens.allowedInSession(session)`. */
export function notEnded({ subject, sessionID }: LoginSession, cause: unknown): Error {
  const where = sessionID === undefined ? 'all sessions' : `the session ${JSON.stringify(sessionID)}`;
  const what = `What the user ${JSON.stringify(subject)} allowed in ${where} has not ended at their logout`;
  return new Error(`${what}: ${String(cause)}`, { cause });
}

/** Ends the authorizations of the session. If all tries fail, it reports this to the operator. */
export function endAllowed(ctx: Context, { session, allowed }: OverSession): Promise<void> {
  return attempt(ctx, () =>
    insist(() => allowed.end()).result.catch((error) => {
      throw notEnded(session, error);
    }),
  );
}
