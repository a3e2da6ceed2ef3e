/** What every page has: who is logged in, and the way to the login for who is not. */
import type Router from '@koa/router';
import type { Context, Next } from 'koa';
import type { OAuth2State } from 'koauthorize';
import type { App } from '../clients.js';
import type { WithSession } from '../sessions.js';
import type { User } from '../users.js';

export type PageState = OAuth2State<App, User>;
export type PageRouter = Router<PageState, WithSession>;

/** Sends who is not logged in to the login, and back again. */
export function requireUser(ctx: Context, next: Next): unknown {
  if (ctx.state['user']) return next();
  ctx.status = 303;
  const back = ctx.method === 'POST' ? '/' : ctx.url.replaceAll('\\', '%5C'); // which browsers leave as it is in a query
  return ctx.redirect(`/login?return_to=${encodeURIComponent(back)}`);
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
