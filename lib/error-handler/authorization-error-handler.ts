import type { Middleware } from 'koa';
import { type LoadOptions, loaded } from '../authorization/decision.js';
import { LOAD_OPTIONS } from '../authorization/known.js';
import type { Core } from '../core.js';
import { toError, toOAuth2Error } from '../errors/to-oauth2-error.js';
import { named } from '../http/named.js';
import { requireKnown } from '../options.js';
import { exitOf, transactionOf } from '../state.js';
import { report } from './report.js';

/**
 * For the routes in the middle of a dialog, such as login: if something fails there, loads the waiting transaction that the
 * request names, sends the error to the client, and ends the transaction. Without a transaction the error is rethrown.
 *
 * @example router.post('/login', server.authorizationErrorHandler(), login)
 */
export function authorizationErrorHandler<C, U>(core: Core<C, U>, options: LoadOptions): Middleware {
  requireKnown<LoadOptions>(options, LOAD_OPTIONS, 'server.authorizationErrorHandler');
  return named('authorizationErrorHandler', async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      const txn = transactionOf(ctx) ?? (await loaded(core, ctx, options).catch(() => undefined));
      const exit = txn && exitOf(txn);
      if (!exit) throw thrown;
      const cause = toError(thrown);
      const error = toOAuth2Error(cause);
      report(ctx, cause, error, core, undefined);
      await exit(error);
    }
  });
}
