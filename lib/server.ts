import type { Context, Middleware } from 'koa';
import { type AnyValidate, type AuthorizationOptions, authorization } from './authorization/authorization.js';
import type { DecisionOptions, LoadOptions } from './authorization/decision.js';
import { type RenewalOptions, renewSession } from './authorization/renew.js';
import { spreadableDecision, spreadableResumption } from './authorization/spreadable.js';
import type { AnyImmediate, AuthorizationCall, Complete, DecisionCall, ResumeCall } from './callbacks.js';
import type { Endpoint, ServerOptions } from './core.js';
import { authorizationErrorHandler } from './error-handler/authorization-error-handler.js';
import { type ErrorHandlerOptions, errorHandler as errorHandlerFor } from './error-handler/error-handler.js';
import { registerExchange } from './exchange/register.js';
import { registerGrant } from './grant/register.js';
import type { ErrorResponder, Exchange, Extension, Grant, GrantModule, RequestParser } from './plugs.js';
import { Registry } from './registry/registry.js';
import { requireCallback, splitOptions } from './registry/shape.js';
import { type TokenOptions, token } from './token/token.js';
import type { Awaitable, Client, IdentifiedBy } from './types.js';

/**
 * An authorization server: collects what answers response and grant types, and hands out the middleware for the application's own
 * routes.
 */
export class Server<C = Client, U = unknown> {
  readonly #registry: Registry<C, U>;

  constructor(options?: ServerOptions<C, U>) {
    this.#registry = new Registry(options);
  }

  /**
   * Registers what answers a response type. Besides a grant: the name of a combination (`'code token'`) of types registered
   * before; or, as in oauth2orize, a module or one function by hand for the phase `request`, `response` or `error`, where `'*'`
   * stands for every type.
   *
   * @throws Error when something answers the type already
   * @example server.grant(grant.code({ issue }))
   * @see RFC 6749 §8.4
   */
  grant(grant: Grant<C, U>): this;
  grant(module: GrantModule): this;
  grant(type: string, module?: Grant<C, U> | Omit<GrantModule, 'name'>): this;
  grant(type: string, phase: 'request', parse: RequestParser): this;
  grant(type: string, phase: 'response', respond: Middleware): this;
  grant(type: string, phase: 'error', respond: ErrorResponder): this;
  grant(type: string, parse: RequestParser): this;
  grant(...args: readonly unknown[]): this {
    registerGrant(this.#registry, args);
    return this;
  }

  /**
   * Registers what answers a grant type: an exchange, or by hand, as in oauth2orize, a middleware under a type or under its own
   * name, where `'*'` and `null` stand for every type.
   *
   * @throws Error when an exchange answers the type already
   * @example server.exchange(exchange.code({ redeem, issue }))
   * @see RFC 6749 §8.3
   */
  exchange(exchange: Exchange<C>): this;
  exchange(namedFunction: Middleware): this;
  exchange(type: string | null, exchange: Exchange<C> | Middleware): this;
  exchange(...args: readonly unknown[]): this {
    registerExchange(this.#registry, args);
    return this;
  }

  /** Plugs in a specification. @throws Error when it is plugged in already @example server.extend(pkce()) */
  extend(extension: Extension<C, U>): this {
    this.#registry.addExtension(extension);
    return this;
  }

  /** A route of its own. @example router.get('/.well-known/oauth-authorization-server', server.endpoint(metadata({ ... }))) */
  endpoint(endpoint: Endpoint<C, U>): Middleware {
    this.#registry.endpoints.push(endpoint);
    return endpoint(this.#registry);
  }

  /**
   * Middleware for the authorization endpoint: `authorization(options?, validate, immediate?, complete?)`. The next middleware draws
   * the dialog from `ctx.state.oauth2`.
   *
   * @throws TypeError without validate
   * @example router.get('/authorize', login, server.authorization(async (id, uri) => [await clients.find(id), uri]), dialog)
   * @see RFC 6749 §3.1
   */
  readonly authorization: AuthorizationCall<C, U, AuthorizationOptions> = (...args: readonly unknown[]) => {
    const [options, validate, immediate, complete] = splitOptions<AuthorizationOptions>(args);
    requireCallback('server.authorization', 'a validate function', validate);
    return authorization(
      this.#registry,
      options,
      validate as AnyValidate<C>,
      immediate as AnyImmediate<C, U> | undefined,
      complete as Complete<C, U> | undefined,
    );
  };

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
    spreadableDecision(this.#registry, args);

  /**
   * For coming back from login or a second page: `resume(options?, immediate, complete?)`; can be spread, as `decision` can.
   * @throws TypeError without immediate
   * @example router.get('/authorize/resume', login, server.resume((txn) => consents.has(txn)), dialog)
   */
  readonly resume: ResumeCall<C, U, LoadOptions> = (...args: readonly unknown[]) =>
    spreadableResumption(this.#registry, args);

  /** Middleware for the token endpoint. @example router.post('/token', authenticateClient, server.token()) @see RFC 6749 §3.2 */
  token(options: TokenOptions = {}): Middleware {
    return token(this.#registry, options);
  }

  /** The one place where an error becomes HTTP; stands before the routes. @example app.use(server.errorHandler()) */
  errorHandler(options: ErrorHandlerOptions = {}): Middleware {
    return errorHandlerFor(this.#registry, options);
  }

  /** Renews the session at login, and takes along what waits in it; gives the ID under which the named dialog goes on. @example await server.renewSession(ctx, () => ctx.login(user), { transactionID }) */
  renewSession(
    ctx: Context,
    renew: () => Awaitable<unknown>,
    options: RenewalOptions = {},
  ): Promise<string | undefined> {
    return renewSession(this.#registry, ctx, renew, options);
  }

  /** For routes in the middle of a dialog: their errors reach the client. @example router.post('/login', server.authorizationErrorHandler(), login) */
  authorizationErrorHandler(options: LoadOptions = {}): Middleware {
    return authorizationErrorHandler(this.#registry, options);
  }

  /** The same as `authorizationErrorHandler`. */
  authorizationError(options: LoadOptions = {}): Middleware {
    return this.authorizationErrorHandler(options);
  }

  /**
   * With a function: what to keep of a client while its transaction waits, JSON-safe; falsy passes on to the next function. With a
   * client, as in oauth2orize: a promise of what the functions keep of it, which rejects where none keeps anything.
   *
   * @example server.serializeClient((client) => client.client_id)
   */
  serializeClient(serialize: (client: C) => Awaitable<unknown>): this;
  serializeClient(client: C): Promise<unknown>;
  serializeClient(first: C | ((client: C) => Awaitable<unknown>)): this | Promise<unknown> {
    if (typeof first !== 'function') return this.#registry.serializeClient(first);
    this.#registry.serializers.push(first as (client: C) => Awaitable<unknown>);
    return this;
  }

  /**
   * With a function: the client again. `undefined` passes on to the next function, and is an error where there is none; null or
   * false says that the client is gone. With what `serializeClient` gave, as in oauth2orize: a promise of the client, or of false
   * where it is gone.
   *
   * @example server.deserializeClient((id) => clients.get(id) ?? null)
   */
  deserializeClient<S = string>(deserialize: (serialized: S) => Awaitable<C | null | undefined | false>): this;
  deserializeClient<S>(serialized: S & NoFunction<S>): Promise<C | false>;
  deserializeClient(first: unknown): this | Promise<C | false> {
    if (typeof first !== 'function') return this.#registry.deserializeClient(first).then((client) => client ?? false);
    this.#registry.deserializers.push(first as (serialized: unknown) => Awaitable<C | null | undefined | false>);
    return this;
  }
}

/**
 * Makes an authorization server. Clients of another shape than `{ client_id, redirect_uris }` have their identifier told by the
 * option `clientID`.
 *
 * @example const server = createServer<App, User>()
 */
export function createServer<C = Client, U = unknown>(
  ...[options]: C extends { readonly client_id: string }
    ? [options?: ServerOptions<C, U>]
    : [options: ServerOptions<C, U> & IdentifiedBy<C>]
): Server<C, U> {
  return new Server<C, U>(options);
}

/** A function of the wrong type is not taken for something that was serialized. */
type NoFunction<S> = S extends (...args: never[]) => unknown ? never : unknown;

/** `server.errorHandler` for whoever has no server at hand. @example app.use(errorHandler({ mode: 'direct' })) */
export function errorHandler(options: ErrorHandlerOptions = {}): Middleware {
  return errorHandlerFor(new Registry(), options);
}
