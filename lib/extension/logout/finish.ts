/** Ends a session, and everything that depends on it. */
import type { Context, Next } from 'koa';
import type { LoginSession } from '../../connected-tokens.js';
import type { Core } from '../../core.js';
import { backChannel, notTold } from './back-channel.js';
import { beginEnding } from './ending.js';
import type { LogoutOptions } from './options.js';
import type { Present } from './present.js';
import { withState } from './return.js';
import { leave } from './state.js';

/** What is needed to finish a logout. */
export interface Ending<C> {
  /** The user who was logged in, if anybody was. */
  readonly present: Present | undefined;
  /** The client that asked for the logout with a valid ID token of this server. */
  readonly client?: C | undefined;
  readonly redirectURI?: string | undefined;
  readonly state?: string | undefined;
}

/** Ends the session, and redirects the browser to the client, or calls `next` for the page that says that the session is over. */
export type Finish<C> = (ctx: Context, ending: Ending<C>, next: Next) => Promise<void>;

/**
 * Notifies the clients of a login session that it is over, and ends the authorizations that they got in it.
 *
 * @param ctx the context of the request that ends the session, for the `error` event
 * @returns URLs of the front channel, for hidden iframes in the page that you send
 */
export type EndSession = (ctx: Context, session: LoginSession) => Promise<readonly string[]>;

/** Waits for work that never rejects, and not longer than this many seconds. */
async function atMost(seconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

export function sessionEnder<C, U>(core: Core<C, U>, options: LogoutOptions): EndSession {
  const tell = backChannel(core, options);
  const { wait = 2 } = options;
  return async (ctx, session) => {
    const pages: string[] = [];
    let isSent = false;
    const show = (clientID: string, urls: readonly string[]) => {
      if (isSent && urls.length > 0)
        throw notTold(clientID, 'it was found when the page of the front channel had been sent');
      pages.push(...urls);
    };
    const { lookedUp, done } = beginEnding({ core, ctx, tell, show }, session);
    await lookedUp;
    await atMost(wait, done);
    isSent = true;
    return pages;
  };
}

export function finisher<C>({ end }: LogoutOptions, endSession: EndSession): Finish<C> {
  return async (ctx, { present, client, redirectURI, state }, next) => {
    if (present) await end(ctx); // first, so that all that the session is given until its end is looked up, and ends, too
    const frontChannel = present ? await endSession(ctx, present) : [];
    const returnTo = redirectURI === undefined ? undefined : withState(redirectURI, state);
    leave<C>(ctx, { isOver: true, client, returnTo, frontChannel });
    // Front-Channel Logout §3: the iframes have to load before the browser goes on
    if (returnTo === undefined || frontChannel.length > 0) await next();
    else ctx.redirect(returnTo);
  };
}
