/** Pages for CIBA: the user sees the requests that wait for them, compares the message, and decides. */
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { BackchannelPage, BackchannelState, Server } from 'koauthorize';
import type { Asked } from '../asked.js';
import type { App } from '../clients.js';
import { csrfOf } from '../forms.js';
import { type NextPage, nextPage } from '../next-page.js';
import { localPath } from '../security.js';
import type { WithSession } from '../sessions.js';
import type { Documents } from '../storage/index.js';
import type { User } from '../users.js';
import * as views from '../views/index.js';
import type { ShowLogin } from './login-form.js';
import { type PageRouter, type PageState, type RequireUser, seeOther, userOf } from './page.js';
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

function pageFor(showLogin: ShowLogin, next: NextPage) {
  return async (ctx: PageContext): Promise<void> => {
    const { backchannel, user } = ctx.state;
    const { page, client } = backchannel;
    if (page === 'login' || !user) return showLogin(ctx, { returnTo: localPath(ctx.url), clientID: client?.client_id });
    if (page === 'consent') ctx.body = dialog(user, backchannel);
    else if (ctx.method === 'GET') ctx.body = views.askedDone({ became: page });
    else
      seeOther(
        ctx,
        `/requests/answered?answer=${await next.leave(ctx, { became: page } satisfies views.AskedDoneModel)}`,
      );
  };
}

export function askedPages({
  server,
  asked,
  showLogin,
  requireUser,
  documents,
}: {
  readonly server: Server<App, User>;
  readonly asked: Asked;
  readonly showLogin: ShowLogin;
  readonly requireUser: RequireUser;
  readonly documents: Documents;
}): PageRouter {
  const router = new Router<PageState, WithSession>();
  const next = nextPage(documents);
  const page = pageFor(showLogin, next) as unknown as Middleware;
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
  router.get('/requests/answered', requireUser, async (ctx) => {
    const done = await next.look<views.AskedDoneModel>(ctx, ctx.query['answer']);
    if (done) ctx.body = views.askedDone(done);
    else seeOther(ctx, '/requests');
  });
  router.get('/backchannel', server.route('backchannel_dialog'), page);
  router.post('/backchannel/decision', server.route('backchannel_decision'), page);
  return router;
}
