/** Ends the authorizations of a session, and notifies its clients: first while the user waits, then in the background. */
import type { Context } from 'koa';
import type { LoginSession } from '../../connected-tokens.js';
import type { Core } from '../../core.js';
import { attempt } from './attempt.js';
import { notTold, type Tell } from './back-channel.js';
import { frontChannelURLs } from './front-channel.js';
import { insist } from './insist.js';
import { notify } from './notify.js';
import { allowedIn, endAllowed, notEnded, type OverSession } from './over-session.js';

/** What is needed to end a session. */
export interface Tools<C, U> {
  readonly core: Core<C, U>;
  readonly ctx: Context;
  /** By the back channel. */
  readonly tell: Tell<C>;
  /** The front channel: adds URLs to the page that is sent to the user. @throws Error if the page has been sent */
  readonly show: (clientID: string, urls: readonly string[]) => void;
}

/** Looks a client up, and notifies it by both channels. */
function tellClient<C, U>({ core, ctx, tell, show }: Tools<C, U>, over: OverSession, clientID: string) {
  const finding = insist(() => core.findClient(clientID));
  const told = attempt(ctx, async () => {
    const client = await finding.result.catch((error) => {
      throw notTold(clientID, String(error), error);
    });
    if (client === undefined) return;
    await attempt(ctx, () => show(clientID, frontChannelURLs(core, over, [clientID, client])));
    await notify(core, ctx, over, [clientID, client], tell);
  });
  return { first: finding.first, told };
}

/** Promises of running work. They never reject. */
interface UnderWay {
  /** Resolves when all clients were looked up once. The page waits for it, since it needs the URLs of the front channel. */
  readonly lookedUp: Promise<unknown>;
  readonly done: Promise<unknown>;
}

export function beginEnding<C, U>(tools: Tools<C, U>, session: LoginSession): UnderWay {
  const { core, ctx } = tools;
  const finding = insist(() => allowedIn(core, session));
  const begun = attempt(ctx, async () => {
    const allowed = await finding.result.catch((error) => {
      throw notEnded(session, error);
    });
    const over = { session, allowed };
    const clients = allowed.clientIDs.map((clientID) => tellClient(tools, over, clientID));
    const done = Promise.all([endAllowed(ctx, over), ...clients.map(({ told }) => told)]);
    return { lookedUp: Promise.all(clients.map(({ first }) => first)), done };
  });
  return {
    lookedUp: finding.first.then(async (found) => found && (await begun)?.lookedUp),
    done: begun.then((all) => all?.done),
  };
}
