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
import { type MountingRouter, type MountOptions, mount } from './mount.js';
import { Plugged } from './plugged.js';

/**
 * An authorization server: collects what answers response and grant types, and hands out the middleware for the application's own
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
   * Where `createServer({ clients })` finds the clients, `validate` may be left out; the callbacks may also be named:
   * `authorization({ immediate })`.
   *
   * @throws TypeError without validate, where nothing finds clients
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
   * It can be spread, as the array that oauth2orize gives here: `...server.decision()`.
   * @example router.post('/authorize/decision', login, server.decision())
   * @see RFC 6749 §4.1.2
   */
  readonly decision: DecisionCall<C, U, DecisionOptions> = (...args: readonly unknown[]) =>
    spreadableDecision(this.core, args);

  /**
   * For coming back from login or a second page: `resume(options?, immediate, complete?)`; can be spread, as `decision` can.
   * @throws TypeError without immediate
   * @example router.get('/authorize/resume', login, server.resume(async (client, user, scope) => covers(await consents.find(client, user), scope)), dialog)
   */
  readonly resume: ResumeCall<C, U, LoadOptions> = (...args: readonly unknown[]) =>
    spreadableResumption(this.core, args);

  /** Middleware for the token endpoint. @example router.post('/token', authenticateClient, server.token()) @see RFC 6749 §3.2 */
  token(options: TokenOptions = {}): Middleware {
    return token(this.core, options);
  }

  /** The one place where an error becomes HTTP; stands before the routes. @example app.use(server.errorHandler()) */
  errorHandler(options: ErrorHandlerOptions = {}): Middleware {
    return errorHandlerFor(this.core, options);
  }

  /** Renews the session at login, and takes along what waits in it; gives the ID under which the named dialog goes on. @example await server.renewSession(ctx, () => ctx.login(user), { transactionID }) */
  renewSession(
    ctx: Context,
    renew: () => Awaitable<unknown>,
    options: RenewalOptions = {},
  ): Promise<string | undefined> {
    return renewSession(this.core, ctx, renew, options);
  }

  /** For routes in the middle of a dialog: their errors reach the client. @example router.post('/login', server.authorizationErrorHandler(), login) */
  authorizationErrorHandler(options: LoadOptions = {}): Middleware {
    return authorizationErrorHandler(this.core, options);
  }

  /** The same as `authorizationErrorHandler`. */
  authorizationError(options: LoadOptions = {}): Middleware {
    return this.authorizationErrorHandler(options);
  }

  /**
   * Puts the endpoints that programs ask (token, and those of the extensions) on a router, each at its place, with its client authentication
   * and for scripts of other origins as it says. The authorization endpoint, with login and dialog, is the application's own to mount.
   *
   * Documents under `/.well-known/` stand at the root of the host. Where the router stands below a path (of the issuer, or a prefix) they are left
   * out, with a process warning: mount `server.route('metadata')` at the root.
   *
   * @throws Error for an endpoint that is said to be at a URL of another origin
   * @example server.mount(router, { authenticateClient })
   */
  mount(router: MountingRouter, options: MountOptions = {}): this {
    mount(this, router, options);
    return this;
  }
}
