/** The pages around the protocol: start page, login and logout. */
import { createHash, randomBytes } from 'node:crypto';
import Router from '@koa/router';
import type { Context, Next } from 'koa';
import type { Data, User } from './data.js';
import * as views from './views.js';

/** What koa-session gives to pages; null once it is ended. */
export interface WithSession {
  session: object | null;
}

/**
 * What the forms carry that this browser is shown, so that no other site can send them: the hash of a cookie. It is not in the session,
 * so a stranger who only looks leaves no session behind.
 */
function csrfOf({ cookies }: Pick<Context, 'cookies'>): string {
  const known = cookies.get('form');
  const secret = known ?? randomBytes(32).toString('base64url');
  if (!known) cookies.set('form', secret, { sameSite: 'lax' });
  return createHash('sha256').update(secret).digest('base64url');
}

/** What a body parser made of a form: strings, whatever else it may have made. */
function fields(body: unknown): ReadonlyMap<string, string> {
  return new Map(Object.entries(body ?? {}).map(([name, value]) => [name, String(value)]));
}

/** Only ever a path on this server: else a link to our login could lead its users anywhere. */
function localPath(path: unknown): string {
  return typeof path === 'string' && /^\/\w/.test(path) ? path : '/';
}

/** Shows the login to who is not logged in: in place, since the address of a long request would not fit into that of the login. */
export function requireUser(ctx: Context, next: Next): unknown {
  if (ctx.state['user']) return next();
  ctx.body = views.login(csrfOf(ctx), localPath(ctx.url));
  return undefined;
}

export function loginPages(data: Data): Router<{ user?: User }, WithSession> {
  const router = new Router<{ user?: User }, WithSession>();
  router.get('/', (ctx) => {
    ctx.body = views.home(ctx.state.user, csrfOf(ctx));
  });
  router.get('/login', (ctx) => {
    ctx.body = views.login(csrfOf(ctx), localPath(ctx.query['return_to']));
  });
  router.post('/login', async (ctx) => {
    const form = fields(ctx.request.body);
    const returnTo = localPath(form.get('return_to'));
    const username = form.get('username') ?? '';
    const again = (problem: string): void => {
      ctx.status = 403;
      ctx.body = views.login(csrfOf(ctx), returnTo, username, problem);
    };
    if (form.get('csrf') !== csrfOf(ctx)) return again('This page was open for too long. Please log in again.');
    const user = await data.checkUser(username, form.get('password') ?? '');
    if (!user) return again('That is not a user name and password we know.');
    ctx.session = {}; // nothing from before the login counts after it; and
    await ctx.login(user); // passport renews the session's ID, so that nobody who gave it to this browser is logged in, too
    ctx.status = 303;
    ctx.redirect(returnTo);
  });
  router.post('/logout', (ctx) => {
    if (fields(ctx.request.body).get('csrf') === csrfOf(ctx)) ctx.session = null;
    ctx.status = 303;
    ctx.redirect('/');
  });
  return router;
}
