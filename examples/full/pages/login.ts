/** Login and logout. For another way to log in (a passkey, a company's directory), change the POST route and keep what follows `logIn`. */
import Router from '@koa/router';
import { fieldsOf, isOwnForm, isOwnLogin, onceFor } from '../forms.js';
import { tell } from '../logging.js';
import { type Guard, TooManyAttemptsError } from '../rate-limits.js';
import { localPath } from '../security.js';
import { logIn, type WithSession } from '../sessions.js';
import type { Documents } from '../storage/index.js';
import type { User, Users } from '../users.js';
import type { ShowLogin } from './login-form.js';
import { type PageRouter, type PageState, seeOther } from './page.js';

interface Options {
  readonly users: Users;
  readonly guard: Guard;
  readonly showLogin: ShowLogin;
  readonly storage: { readonly documents: Documents };
}

const minutes = (seconds: number): string => (seconds <= 60 ? 'a minute' : `${Math.ceil(seconds / 60)} minutes`);

export function loginPages({ users, guard, storage, showLogin }: Options): PageRouter {
  const router = new Router<PageState, WithSession>();
  router.get('/login', (ctx) => showLogin(ctx, { returnTo: localPath(ctx.query['return_to']) }));
  router.post('/login', async (ctx) => {
    const form = fieldsOf(ctx.request.body);
    const returnTo = localPath(form.get('return_to'));
    const username = form.get('username') ?? '';
    const again = (status: number, problem: string): Promise<void> => {
      ctx.status = status;
      return showLogin(ctx, { returnTo, username, problem });
    };
    if (!isOwnLogin(ctx, form)) return again(403, 'This page was open for too long. Please log in again.');
    const attempt = { who: username, address: ctx.ip };
    const check = (): Promise<User | undefined> => users.check(username, form.get('password') ?? '');
    const user = await guard(attempt, check).catch((error: unknown) => {
      if (error instanceof TooManyAttemptsError) return error;
      throw error;
    });
    if (user instanceof TooManyAttemptsError) {
      tell(ctx, 'tooManyAttempts');
      ctx.set('Retry-After', String(user.retryAfter)); // RFC 6585 §4
      return again(429, `Too many attempts. Please try again in ${minutes(user.retryAfter)}.`);
    }
    if (!user) {
      tell(ctx, 'loginRefused');
      return again(403, 'That is not a user name and password we know.');
    }
    const once = await onceFor(storage.documents, form); // a form that is sent twice logs in once
    await logIn(ctx, user, once('session', user.id));
    tell(ctx, 'loggedIn', user.id);
    seeOther(ctx, returnTo);
  });
  router.post('/logout', (ctx) => {
    if (isOwnForm(ctx, fieldsOf(ctx.request.body))) {
      tell(ctx, 'loggedOut', ctx.state.user?.id);
      ctx.session = null;
    }
    seeOther(ctx, '/');
  });
  return router;
}
