/** What every page needs: the logged-in user, and the login form for everybody else. */
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
 * Shows the login form to users who are not logged in. It is the answer itself, and no redirect to the login: the request stays in the form, since a long one
 * would not fit into the URL of the login.
 */
export function requireUserOr(showLogin: ShowLogin): RequireUser {
  return async function requireUser(ctx, next) {
    if (ctx.state['user']) return next();
    const back = ctx.method === 'POST' ? '/' : ctx.url.replaceAll('\\', '%5C'); // browsers do not escape backslashes in a query
    return showLogin(ctx as unknown as Context & WithSession, { returnTo: localPath(back) });
  };
}

/** The logged-in user, after `requireUser`. */
export function userOf({ state }: { readonly state: PageState }): User {
  if (!state.user) throw new Error('requireUser is missing');
  return state.user;
}

/** RFC 9110 §15.4.4: redirects by 303, so that the next request is a GET. */
export function seeOther(ctx: Pick<Context, 'status' | 'redirect'>, path: string): void {
  ctx.status = 303;
  ctx.redirect(path);
}
