/** The start page. */
import Router from '@koa/router';
import { csrfOf } from '../forms.js';
import type { WithSession } from '../sessions.js';
import * as views from '../views/index.js';
import type { PageRouter, PageState } from './page.js';

export function homePage(): PageRouter {
  const router = new Router<PageState, WithSession>();
  router.get('/', (ctx) => {
    const { user } = ctx.state;
    ctx.body = views.home({ user, csrf: user ? csrfOf(ctx) : '' }); // so that a visitor who is not logged in gets no session
  });
  return router;
}
