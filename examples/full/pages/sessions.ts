/** The list of sessions, and the routes that end sessions, for the user and for applications that log the user out. */
import { randomUUID } from 'node:crypto';
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { LogoutState, Server } from 'koauthorize';
import type { LogoutPlug } from 'koauthorize/logout';
import type { TokenService } from 'koauthorize/tokens';
import { placeOf } from '../browsers.js';
import { type App, type Clients, nameOf } from '../clients.js';
import { csrfOf, fieldsOf, isOwnForm, requireOwnForm } from '../forms.js';
import { tell } from '../logging.js';
import { nextPage } from '../next-page.js';
import { frameSources } from '../security.js';
import type { SessionList } from '../session-list.js';
import type { WithSession } from '../sessions.js';
import { type Documents, keyOf } from '../storage/index.js';
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
  readonly storage: { readonly documents: Documents };
}

/** The names of the applications that have access from a session. */
async function appsIn(user: User, sessionID: string, { tokens, clients }: Options): Promise<readonly string[]> {
  const { clientIDs } = await tokens.allowedInSession({ subject: user.id, sessionID });
  const names = await Promise.all(clientIDs.map((id) => nameOf(clients, id)));
  return names.flatMap((name) => name ?? []);
}

/** Ends sessions of the user in all processes, and notifies their clients. @returns URLs of clients, for hidden frames */
async function end(ctx: Context, user: User, ids: readonly string[], options: Options): Promise<readonly string[]> {
  const frames: string[] = [];
  for (const sessionID of ids) {
    if (await options.sessionList.end(user, sessionID))
      frames.push(...(await options.logouts.endSession(ctx, { subject: user.id, sessionID })));
  }
  return frames;
}

/** The content of the page after a logout, which is shown once. */
type Over = Pick<views.LogoutModel, 'frames' | 'returnTo' | 'clientName'>;

/** Seconds within which the page after a logout must be loaded. */
const SOON = 60;

/** Redirects to the page after a logout. Its content cannot be kept in the session, which has ended. */
async function showOver(ctx: Context, documents: Documents, over: Over): Promise<void> {
  const id = randomUUID();
  await documents.set(keyOf('logged out', id), over, SOON);
  seeOther(ctx, `/logged-out?of=${id}`);
}

function overPage(ctx: Context, { frames, returnTo, clientName }: Over): void {
  frameSources(ctx, frames);
  if (returnTo !== undefined) ctx.set('Refresh', `2; url=${returnTo}`); // a delay, so that the frames can load: no script runs on this page
  ctx.body = views.logout({ isOver: true, frames, returnTo, clientName });
}

/** The pages of a logout that an application asked for. */
const logoutPage =
  (documents: Documents): Middleware<LogoutState<App>> =>
  async (ctx) => {
    const { id, isOver, client, frontChannel: frames, returnTo } = ctx.state.logout;
    const clientName = client?.client_name;
    if (isOver) return showOver(ctx, documents, { frames, returnTo, clientName });
    if (id === undefined) return seeOther(ctx, '/logged-out');
    ctx.body = views.logout({ id, isOver, frames: [], clientName });
  };

export function sessionPages(options: Options): PageRouter {
  const { requireUser, server, sessionList } = options;
  const { documents } = options.storage;
  const next = nextPage(documents);
  const router = new Router<PageState, WithSession>();
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
    const { notice } = (await next.take<{ readonly notice: string }>(ctx, ctx.query['done'])) ?? {};
    ctx.body = views.sessions({ user, csrf: csrfOf(ctx), sessions, notice });
  });
  router.post('/sessions/end', requireUser, async (ctx) => {
    const user = userOf(ctx);
    const id = requireOwnForm(ctx).get('id') ?? '';
    const here = user.login?.sessionID;
    const known = (await sessionList.list(user)).map((session) => session.id);
    const ids = id === 'all' ? known : known.filter((one) => one === id);
    if (ids.length === 0) return seeOther(ctx, '/sessions'); // the session has ended before
    if (here !== undefined && ids.includes(here)) ctx.session = null; // first, so that all that this session is given until its end is ended, too
    const frames = await end(ctx, user, ids, options);
    if (ctx.session === null) return showOver(ctx, documents, { frames });
    const notice = 'You are signed out there. The applications that you used there have been told.';
    seeOther(ctx, `/sessions?done=${await next.leave(ctx, { notice })}`);
  });
  router.post('/logout', async (ctx) => {
    const { user } = ctx.state;
    if (!user || !isOwnForm(ctx, fieldsOf(ctx.request.body))) return seeOther(ctx, '/');
    tell(ctx, 'loggedOut', user.id);
    ctx.session = null;
    const frames = await end(ctx, user, user.login?.sessionID ? [user.login.sessionID] : [], options);
    if (frames.length > 0) return showOver(ctx, documents, { frames });
    seeOther(ctx, '/');
  });
  router.get('/logged-out', async (ctx) => {
    if (ctx.state.user) {
      ctx.body = views.logout({ isOver: false, frames: [] });
      return;
    }
    const key = keyOf('logged out', String(ctx.query['of']));
    const over = (await documents.get(key)) as Over | undefined;
    const isFirst = over !== undefined && (await documents.remove(key)); // after Back in the browser, this page is shown again, without a further redirect
    overPage(ctx, isFirst ? over : { frames: [] });
  });
  const page = logoutPage(documents) as unknown as Middleware;
  router.all('/end-session', server.route('end_session'), page);
  router.all('/end-session/decision', server.route('end_session_decision'), page);
  return router;
}
