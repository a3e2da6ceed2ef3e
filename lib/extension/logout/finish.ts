/** Ends a session, and all that hangs on it. */
import type { Context, Next } from 'koa';
import type { LoginSession } from '../../connected-tokens.js';
import type { Core } from '../../core.js';
import { backChannel, notTold } from './back-channel.js';
import { beginEnding } from './ending.js';
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

/**
 * Tells the clients of a login session that it is over, and ends what they were allowed while it lasted.
 *
 * @param ctx of the request that ends it, for the `error` event
 * @returns URLs of the front channel, for hidden iframes of the page that answers
 */
export type EndSession = (ctx: Context, session: LoginSession) => Promise<readonly string[]>;

/** Waits for work that does not reject, or so many seconds. */
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
    if (present) await end(ctx); // first: what the session is given until then is looked up, and ends, too
    const frontChannel = present ? await endSession(ctx, present) : [];
    const returnTo = redirectURI === undefined ? undefined : withState(redirectURI, state);
    leave<C>(ctx, { isOver: true, client, returnTo, frontChannel });
    // Front-Channel Logout §3: the iframes have to load before the browser goes on
    if (returnTo === undefined || frontChannel.length > 0) await next();
    else ctx.redirect(returnTo);
  };
}
