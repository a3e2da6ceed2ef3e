/** Dialogs that are shown while nobody is logged in, although nothing in the application seems to log users in behind them. */
import type { Context } from 'koa';
import type { Core } from '../core.js';
import { warnOnce } from '../errors/warning.js';
import type { Transaction } from '../types.js';
import { type TransactionMiddlewareOptions, userOf } from './options.js';

/** Whether a server of this process lets users come back from a login: `server.resume()` was called, or `server.renewSession()`. */
let comesBack = false;

export function expectUsersBack(): void {
  comesBack = true;
}

/**
 * Warns the operator if the token service will refuse the decision, because the application has forgotten the login. It is no error: the page may be the login
 * itself. No warning is given if an extension has asked for the login, since the application then knows of it.
 */
export function noteNobody<C, U>(
  { tokens }: Core<C, U>,
  ctx: Context,
  { user, prompts = [] }: Transaction<C, U>,
  options: TransactionMiddlewareOptions,
): void {
  if (user !== undefined || comesBack || !tokens || prompts.some((prompt) => prompt !== 'consent')) return;
  const { userProperty = 'user' } = options;
  ctx.res.once('finish', () => {
    if (ctx.res.statusCode !== 200 || comesBack || userOf(ctx, options) !== undefined) return; // a redirect leads to a login
    warnOnce(
      'KOAUTHORIZE_NO_LOGIN',
      `A page behind server.authorization() was shown while nobody was logged in: ctx.state.${userProperty} is undefined. If it is the dialog, its decision will fail. Write router.get('/authorize', login, server.authorization(), dialog), where login sets ctx.state.${userProperty} or shows your login. If the page logs the user in, nothing is wrong.`,
    );
  });
}
