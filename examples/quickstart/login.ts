/** The pages that are not part of the protocol: start page, login and logout. */
import Router from '@koa/router';
import type { Context, Next } from 'koa';
import { csrfOf } from './csrf.js';
import type { Data, User } from './data.js';
import { guessLimit } from './throttle.js';
import * as views from './views.js';

/** The context member of koa-session; null after the session was ended. */
export interface WithSession {
  session: object | null;
}

/** The fields of a form as strings. The body parser may have made objects or arrays of them. */
function fields(body: unknown): ReadonlyMap<string, string> {
  return new Map(Object.entries(body ?? {}).map(([name, value]) => [name, String(value)]));
}

/** A path on this server. With any URL, a link to the login could lead users to the site of an attacker (open redirector). */
function localPath(path: unknown): string {
  return typeof path === 'string' && /^\/\w/.test(path) ? path : '/';
}

/** Shows the login form if nobody is logged in. It does not redirect to /login, because a long authorization request would not fit into its URL. */
export function requireUser(ctx: Context, next: Next): unknown {
  if (ctx.state['user']) return next();
  ctx.body = views.login(csrfOf(ctx), localPath(ctx.url));
  return undefined;
}

export function loginPages(data: Data): Router<{ user?: User }, WithSession> {
  const router = new Router<{ user?: User }, WithSession>();
  const guesses = guessLimit();
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
    const wait = await guesses.count(username, ctx.ip);
    if (wait !== undefined) {
      again('That was tried too often. Please wait a minute.');
      ctx.status = 429;
      ctx.set('Retry-After', `${wait}`);
      return;
    }
    const user = await data.checkUser(username, form.get('password') ?? '');
    if (!user) return again('That is not a user name and password we know.');
    await guesses.forget(username, ctx.ip);
    ctx.session = {}; // drops everything that the session held before the login
    await ctx.login(user); // passport renews the session's ID: an attacker who planted the old one in this browser is not logged in (session fixation)
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
