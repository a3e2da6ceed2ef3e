/** Ends a session, and all that hangs on it. */
import type { Context, Next } from 'koa';
import type { Core } from '../../core.js';
import { backChannel } from './back-channel.js';
import { frontChannelURLs } from './front-channel.js';
import { notify, overSession } from './notify.js';
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
export type Finish<C> = (ctx: Context, ending: Ending<C>, next: Next) => Promise<void>;

export function finisher<C, U>(core: Core<C, U>, options: LogoutOptions): Finish<C> {
  const tell = backChannel(core, options);
  const { end, wait = 2 } = options;
  /** @returns the URLs of the front channel */
  const endAll = async (ctx: Context, present: Present): Promise<readonly string[]> => {
    await end(ctx); // first: what the session is given until then is looked up, and ends, too
    const over = await overSession(core, ctx, present);
    await notify(core, ctx, over, tell, wait);
    return frontChannelURLs(
      core,
      over.clients.map(([, client]) => client),
      present.sessionID,
    );
  };
  return async (ctx, { present, client, redirectURI, state }, next) => {
    const frontChannel = present ? await endAll(ctx, present) : [];
    const returnTo = redirectURI === undefined ? undefined : withState(redirectURI, state);
    leave<C>(ctx, { isOver: true, client, returnTo, frontChannel });
    // Front-Channel Logout §3: the iframes have to load before the browser goes on
    if (returnTo === undefined || frontChannel.length > 0) await next();
    else ctx.redirect(returnTo);
  };
}
