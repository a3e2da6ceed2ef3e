/** Login. For another way to log in (a passkey, a company's directory), change the POST route and keep what follows `logIn`. */
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Server } from 'koauthorize';
import { browserOf } from '../browsers.js';
import type { App } from '../clients.js';
import { fieldsOf, isOwnLogin, onceFor } from '../forms.js';
import { tell } from '../logging.js';
import { type Guard, TooManyAttemptsError } from '../rate-limits.js';
import { localPath } from '../security.js';
import type { SessionList } from '../session-list.js';
import { documentOf, logIn, type WithSession } from '../sessions.js';
import type { Documents } from '../storage/index.js';
import type { User, Users } from '../users.js';
import type { ShowLogin } from './login-form.js';
import { type PageRouter, type PageState, seeOther } from './page.js';
import { resumePath } from './prompts.js';

type PageContext = Context & WithSession;

interface Options {
  readonly server: Server<App, User>;
  readonly sessionList: SessionList;
  readonly users: Users;
  readonly guard: Guard;
  readonly showLogin: ShowLogin;
  readonly storage: { readonly documents: Documents };
}

const minutes = (seconds: number): string => (seconds <= 60 ? 'a minute' : `${Math.ceil(seconds / 60)} minutes`);

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export function loginPages({ server, users, guard, storage, sessionList, showLogin }: Options): PageRouter {
  /** Logs a user in. @returns the transaction that continues with this user, if one waited for the login */
  const enter = async (ctx: PageContext, user: User, key: string, transactionID: string | undefined) => {
    let sessionID = '';
    const goesOn = await server.renewSession(
      ctx,
      async () => {
        sessionID = (await logIn(ctx, user, key)).sessionID ?? '';
      },
      { transactionID, done: ['login'] },
    );
    const browser = browserOf(ctx.get('user-agent'));
    const since = Math.floor(Date.now() / 1000);
    await sessionList.add(user, { id: sessionID, since, browser, address: ctx.ip, document: documentOf(key) });
    tell(ctx, 'loggedIn', user.id);
    return goesOn;
  };
  const router = new Router<PageState, WithSession>();
  router.get('/login', (ctx) => {
    const [transactionID, clientID] = [textOf(ctx.query['transaction_id']), textOf(ctx.query['client_id'])];
    return showLogin(ctx, { returnTo: localPath(ctx.query['return_to']), transactionID, clientID });
  });
  router.post('/login', async (ctx) => {
    const form = fieldsOf(ctx.request.body);
    const returnTo = localPath(form.get('return_to'));
    const username = form.get('username') ?? '';
    const [transactionID, clientID] = [form.get('transaction_id'), form.get('client_id')];
    const again = (status: number, problem: string): Promise<void> => {
      ctx.status = status;
      return showLogin(ctx, { returnTo, transactionID, clientID, username, problem });
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
    const once = await onceFor(storage.documents, form); // so that a form that is sent twice logs the user in once
    const goesOn = await enter(ctx, user, once('session', user.id), transactionID);
    seeOther(ctx, goesOn === undefined ? returnTo : resumePath(goesOn));
  });
  return router;
}
