/** Pages for what a client elsewhere asks: the user sees what waits for them, compares the message, and decides. CIBA. */
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { BackchannelPage, BackchannelState, Server } from 'koauthorize';
import type { Asked } from '../asked.js';
import type { App } from '../clients.js';
import { csrfOf } from '../forms.js';
import { localPath } from '../security.js';
import type { WithSession } from '../sessions.js';
import type { User } from '../users.js';
import * as views from '../views/index.js';
import type { ShowLogin } from './login-form.js';
import { type PageRouter, type PageState, type RequireUser, userOf } from './page.js';
import { wanted } from './wanted.js';

type PageContext = Context & WithSession & { state: PageState & BackchannelState<App> };

function dialog(user: User, { dialogID = '', client, req }: BackchannelPage<App>): string {
  return views.asked({
    dialogID,
    message: req?.bindingMessage ?? '',
    client: { name: client?.client_name ?? '', uri: client?.client_uri },
    user,
    ...wanted(user, req),
  });
}

function pageFor(showLogin: ShowLogin) {
  return async (ctx: PageContext): Promise<void> => {
    const { backchannel, user } = ctx.state;
    const { page, client } = backchannel;
    if (page === 'login' || !user) return showLogin(ctx, { returnTo: localPath(ctx.url), clientID: client?.client_id });
    if (page === 'consent') ctx.body = dialog(user, backchannel);
    else ctx.body = views.askedDone({ became: page });
  };
}

export function askedPages({
  server,
  asked,
  showLogin,
  requireUser,
}: {
  readonly server: Server<App, User>;
  readonly asked: Asked;
  readonly showLogin: ShowLogin;
  readonly requireUser: RequireUser;
}): PageRouter {
  const router = new Router<PageState, WithSession>();
  const page = pageFor(showLogin) as unknown as Middleware;
  router.get('/requests', requireUser, async (ctx) => {
    const user = userOf(ctx);
    const found = await Promise.all((await asked.list(user)).map((id) => asked.ciba.find(id, user)));
    const waiting = found.flatMap((one) => one ?? []);
    ctx.body = views.requests({
      user,
      csrf: csrfOf(ctx),
      waiting: waiting.map(({ id, client, req }) => ({
        id,
        name: client.client_name,
        message: req.bindingMessage ?? '',
      })),
    });
  });
  router.get('/backchannel', server.route('backchannel_dialog'), page);
  router.post('/backchannel/decision', server.route('backchannel_decision'), page);
  return router;
}
