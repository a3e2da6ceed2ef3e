/** The account page: a summary of each part of the account, with a link to the page that changes it. */
import Router from '@koa/router';
import type { Asked } from '../asked.js';
import { CLAIMS, shownOf } from '../claims.js';
import { csrfOf } from '../forms.js';
import type { Passkeys } from '../passkeys.js';
import type { SessionList } from '../session-list.js';
import type { WithSession } from '../sessions.js';
import * as views from '../views/index.js';
import { type Access, appsOf } from './connected.js';
import { type PageRouter, type PageState, type RequireUser, userOf } from './page.js';

interface Options extends Access {
  readonly requireUser: RequireUser;
  readonly sessionList: SessionList;
  readonly passkeys: Pick<Passkeys, 'list'>;
  readonly asked: Pick<Asked, 'list'>;
}

export function accountPages({ requireUser, sessionList, passkeys, asked, ...access }: Options): PageRouter {
  const router = new Router<PageState, WithSession>();
  router.get('/account', requireUser, async (ctx) => {
    const user = userOf(ctx);
    const [apps, sessions, keys, requests, clients] = await Promise.all([
      appsOf(user, access),
      sessionList.list(user),
      passkeys.list(user),
      asked.list(user),
      access.clients.list(user),
    ]);
    ctx.body = views.account({
      user,
      csrf: csrfOf(ctx),
      claims: shownOf(user, CLAIMS),
      apps: apps.filter(({ state }) => state === 'connected').length,
      sessions: sessions.length,
      passkeys: keys.length,
      requests: requests.length,
      clients: clients.length,
    });
  });
  return router;
}
