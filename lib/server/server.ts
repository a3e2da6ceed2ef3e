import type { Context, Middleware } from 'koa';
import { type AuthorizationOptions, authorizationOf } from '../authorization/authorization.js';
import type { DecisionOptions, LoadOptions } from '../authorization/decision.js';
import { type RenewalOptions, renewSession } from '../authorization/renew.js';
import { spreadableDecision, spreadableResumption } from '../authorization/spreadable.js';
import type { AuthorizationCall, DecisionCall, ResumeCall } from '../callbacks.js';
import { authorizationErrorHandler } from '../error-handler/authorization-error-handler.js';
import { type ErrorHandlerOptions, errorHandlerFor } from '../error-handler/error-handler.js';
import { type TokenOptions, token } from '../token/token.js';
import type { Awaitable, Client } from '../types.js';
import { Plugged } from './plugged.js';

/**
 * An authorization server: grants, exchanges and extensions are plugged into it, and it gives the middleware for the application's own
 * routes. `createServer` makes one.
 *
 * @example
 * const addEndpoints = (server: Server<App, User>) => {
 *   router.get('/authorize', login, server.authorization(validate), dialog);
 *   router.post('/authorize/decision', login, server.decision());
 *   router.post('/token', authenticateClient, server.token());
 * };
 */
export class Server<C = Client, U = unknown> extends Plugged<C, U> {
  /**
   * Middleware for the authorization endpoint: `authorization(options?, validate, immediate?, complete?)`. The next middleware draws
   * the dialog from `ctx.state.oauth2`.
   *
   * If `createServer({ clients })` finds the clients, `validate` may be left out. The callbacks may also be named:
   * `authorization({ immediate })`.
   *
   * @throws TypeError without validate, if nothing finds clients
   * @example router.get('/authorize', login, server.authorization(async (id, uri) => [await clients.find(id), uri]), dialog)
   * @see RFC 6749 §3.1
   */
  readonly authorization: AuthorizationCall<C, U, AuthorizationOptions> = (...args: readonly unknown[]) =>
    authorizationOf(this.core, args);

  /** The same as `authorization`. */
  readonly authorize = this.authorization;

  /**
   * Middleware for the dialog's form: `decision(options?, parse?, complete?)`.
   *
   * It can be spread like the array that oauth2orize gives: `...server.decision()`.
   *
   * @example router.post('/authorize/decision', login, server.decision())
   * @see RFC 6749 §4.1.2
   */
  readonly decision: DecisionCall<C, U, DecisionOptions> = (...args: readonly unknown[]) =>
    spreadableDecision(this.core, args);

  /**
   * Middleware for the route to which the user comes back from login, or from a second page: `resume(options?, immediate, complete?)`. It can be spread, like
   * `decision`.
   *
   * @throws TypeError without immediate
   * @example router.get('/authorize/resume', login, server.resume(async (client, user, scope) => covers(await consents.find(client, user), scope)), dialog)
   */
  readonly resume: ResumeCall<C, U, LoadOptions> = (...args: readonly unknown[]) =>
    spreadableResumption(this.core, args);

  /** Middleware for the token endpoint. @example router.post('/token', authenticateClient, server.token()) @see RFC 6749 §3.2 */
  token(options: TokenOptions = {}): Middleware {
    return token(this.core, options);
  }

  /** Turns errors into responses. Put it before the routes. @example app.use(server.errorHandler()) */
  errorHandler(options: ErrorHandlerOptions = {}): Middleware {
    return errorHandlerFor(this.core, options);
  }

  /**
   * Renews the session at login, and keeps its waiting dialogs.
   *
   * @param renew gives the session a new key, and leaves the user in `ctx.state`
   * @returns the ID under which the dialog of `transactionID` continues; undefined if it does not continue
   * @example await server.renewSession(ctx, () => ctx.login(user), { transactionID })
   */
  renewSession(
    ctx: Context,
    renew: () => Awaitable<unknown>,
    options: RenewalOptions = {},
  ): Promise<string | undefined> {
    return renewSession(this.core, ctx, renew, options);
  }

  /** For routes in the middle of a dialog: sends their errors to the client. @example router.post('/login', server.authorizationErrorHandler(), login) */
  authorizationErrorHandler(options: LoadOptions = {}): Middleware {
    return authorizationErrorHandler(this.core, options);
  }

  /** The same as `authorizationErrorHandler`. */
  authorizationError(options: LoadOptions = {}): Middleware {
    return this.authorizationErrorHandler(options);
  }
}
