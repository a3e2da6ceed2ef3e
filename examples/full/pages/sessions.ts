/** The account page, the list of sessions, and what ends them: the user, or an application that logs the user out. */
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { LogoutState, Server } from 'koauthorize';
import type { LogoutPlug } from 'koauthorize/logout';
import type { TokenService } from 'koauthorize/tokens';
import { placeOf } from '../browsers.js';
import { CLAIMS, shownOf } from '../claims.js';
import { type App, type Clients, nameOf } from '../clients.js';
import { csrfOf, fieldsOf, isOwnForm, requireOwnForm } from '../forms.js';
import { tell } from '../logging.js';
import { frameSources } from '../security.js';
import type { SessionList } from '../session-list.js';
import type { WithSession } from '../sessions.js';
import type { User } from '../users.js';
import * as views from '../views/index.js';
import { type PageRouter, type PageState, type RequireUser, seeOther, userOf } from './page.js';

interface Options {
  readonly requireUser: RequireUser;
  readonly server: Server<App, User>;
  readonly tokens: TokenService<App, User>;
  readonly logouts: LogoutPlug<App, User>;
  readonly clients: Clients;
  readonly sessionList: SessionList;
}

/** The names of the applications that have access from a session. */
async function appsIn(user: User, sessionID: string, { tokens, clients }: Options): Promise<readonly string[]> {
  const { clientIDs } = await tokens.allowedInSession({ subject: user.id, sessionID });
  const names = await Promise.all(clientIDs.map((id) => nameOf(clients, id)));
  return names.flatMap((name) => name ?? []);
}

/** Ends sessions of the user in all processes, and tells their clients. @returns pages of clients, for hidden frames */
async function end(ctx: Context, user: User, ids: readonly string[], options: Options): Promise<readonly string[]> {
  const frames: string[] = [];
  for (const sessionID of ids) {
    if (await options.sessionList.end(user, sessionID))
      frames.push(...(await options.logouts.endSession(ctx, { subject: user.id, sessionID })));
  }
  return frames;
}

function showOver(ctx: Context, frames: readonly string[], returnTo?: string, clientName?: string): void {
  frameSources(ctx, frames);
  if (returnTo !== undefined) ctx.set('Refresh', `2; url=${returnTo}`); // when the frames have loaded: no script runs here
  ctx.body = views.logout({ isOver: true, frames, returnTo, clientName });
}

/** Pages around the logout that an application asks for. */
const logoutPage: Middleware<LogoutState<App>> = (ctx) => {
  const { id, isOver, client, frontChannel, returnTo } = ctx.state.logout;
  if (isOver) return showOver(ctx, frontChannel, returnTo, client?.client_name);
  ctx.body = views.logout({ id, isOver, frames: [], clientName: client?.client_name });
};

export function sessionPages(options: Options): PageRouter {
  const { requireUser, server, sessionList } = options;
  const router = new Router<PageState, WithSession>();
  router.get('/account', requireUser, (ctx) => {
    const user = userOf(ctx);
    ctx.body = views.account({ user, csrf: csrfOf(ctx), claims: shownOf(user, CLAIMS) });
  });
  router.get('/sessions', requireUser, async (ctx) => {
    const user = userOf(ctx);
    const sessions = await Promise.all(
      (await sessionList.list(user)).map(async ({ id, since, browser, address }) => {
        const apps = await appsIn(user, id, options);
        return {
          id,
          since: new Date(since * 1000),
          browser,
          address: placeOf(address),
          apps,
          isHere: id === user.login?.sessionID,
        };
      }),
    );
    ctx.body = views.sessions({ user, csrf: csrfOf(ctx), sessions });
  });
  router.post('/sessions/end', requireUser, async (ctx) => {
    const user = userOf(ctx);
    const id = requireOwnForm(ctx).get('id') ?? '';
    const here = user.login?.sessionID;
    const ids = id === 'all' ? (await sessionList.list(user)).map((session) => session.id) : [id];
    if (here !== undefined && ids.includes(here)) ctx.session = null; // ours first: what it was given until now is looked up, and ends
    const frames = await end(ctx, user, ids, options);
    if (ctx.session === null) showOver(ctx, frames);
    else seeOther(ctx, '/sessions');
  });
  router.post('/logout', async (ctx) => {
    const { user } = ctx.state;
    if (!user || !isOwnForm(ctx, fieldsOf(ctx.request.body))) return seeOther(ctx, '/');
    tell(ctx, 'loggedOut', user.id);
    ctx.session = null;
    const frames = await end(ctx, user, user.login?.sessionID ? [user.login.sessionID] : [], options);
    if (frames.length > 0) showOver(ctx, frames);
    else seeOther(ctx, '/');
  });
  router.all('/end-session', server.route('end_session'), logoutPage as unknown as Middleware);
  router.all('/end-session/decision', server.route('end_session_decision'), logoutPage as unknown as Middleware);
  return router;
}
