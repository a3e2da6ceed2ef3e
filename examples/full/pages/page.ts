/** What every page has: who is logged in, and the way to the login for who is not. */
import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { OAuth2State } from 'koauthorize';
import type { App } from '../clients.js';
import { localPath } from '../security.js';
import type { WithSession } from '../sessions.js';
import type { User } from '../users.js';
import type { ShowLogin } from './login-form.js';

export type PageState = OAuth2State<App, User>;
export type PageRouter = Router<PageState, WithSession>;
export type RequireUser = Middleware;

/**
 * Shows the login to who is not logged in. It is the answer itself, and no redirect to the login: the request stays in the page's form,
 * and not in an address, where a long one would not fit.
 */
export function requireUserOr(showLogin: ShowLogin): RequireUser {
  return async function requireUser(ctx, next) {
    if (ctx.state['user']) return next();
    const back = ctx.method === 'POST' ? '/' : ctx.url.replaceAll('\\', '%5C'); // which browsers leave as it is in a query
    return showLogin(ctx as unknown as Context & WithSession, { returnTo: localPath(back) });
  };
}

/** Behind `requireUser`. */
export function userOf({ state }: { readonly state: PageState }): User {
  if (!state.user) throw new Error('requireUser is missing');
  return state.user;
}

/** RFC 9110 §15.4.4: whatever was posted, what follows is a GET. */
export function seeOther(ctx: Pick<Context, 'status' | 'redirect'>, path: string): void {
  ctx.status = 303;
  ctx.redirect(path);
}
