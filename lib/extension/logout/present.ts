/** The user who is logged in here, compared with the user of an ID token. */
import type { Context } from 'koa';
import type { Core } from '../../core.js';
import type { IDTokenHint } from '../../id-token/hint.js';

/** The user who is logged in, and the session that a logout would end. */
export interface Present {
  readonly subject: string;
  /** Undefined if `createServer({ authenticationEvent })` does not return it. */
  readonly sessionID: string | undefined;
}

/** @throws Error if the server cannot tell the subject of the user: a logout could not find the user's authorizations */
export function presentOf<C, U>(core: Core<C, U>, ctx: Context, userProperty: string): Present | undefined {
  const user: U | undefined = ctx.state[userProperty] ?? undefined;
  if (user === undefined) return undefined;
  const subject = core.subject(user);
  if (subject === undefined) throw new Error('logout() needs the identifier of a user: createServer({ subject })');
  return { subject, sessionID: core.authenticationEvent(user)?.sessionID };
}

/**
 * Whether an ID token that a client sent belongs to the user and the session that are logged in here. If it does not, the user must be asked.
 *
 * @see OpenID Connect RP-Initiated Logout §2
 */
export async function isOfPresent<C, U>(
  core: Core<C, U>,
  { subject, sessionID }: Present,
  { sub, sid }: IDTokenHint,
  client: C,
): Promise<boolean> {
  return sub === (await core.outwardSubject(subject, client)) && (sid === undefined || sid === sessionID);
}
