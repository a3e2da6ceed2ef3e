/** Ends a session, and all that hangs on it. */
import type { Context, Next } from 'koa';
import type { Core } from '../../core.js';
import type { LogoutOptions } from './options.js';
import type { Present } from './present.js';
import { withState } from './return.js';
import { leave } from './state.js';

/** What a logout goes on with. */
export interface Ending<C> {
  /** The user who was logged in, if anybody was. */
  readonly present: Present | undefined;
  /** The client that asked for it, with an ID token of ours. */
  readonly client?: C | undefined;
  readonly redirectURI?: string | undefined;
  readonly state?: string | undefined;
}

/** Ends the session, and sends the browser back, or goes on to the page that says that the session is over. */
export async function finish<C, U>(
  _core: Core<C, U>,
  { end }: LogoutOptions,
  ctx: Context,
  { present, client, redirectURI, state }: Ending<C>,
  next: Next,
): Promise<void> {
  if (present) await end(ctx);
  const returnTo = redirectURI === undefined ? undefined : withState(redirectURI, state);
  leave<C>(ctx, { isOver: true, client, frontChannel: [] });
  if (returnTo === undefined) await next();
  else ctx.redirect(returnTo);
}
