import type { Middleware } from 'koa';
import type { Core, Plug } from '../core.js';
import { registerExchange } from '../exchange/register.js';
import type { CheckReport } from '../findings.js';
import { registerGrant } from '../grant/register.js';
import { served } from '../http/served.js';
import type { ErrorResponder, Exchange, Grant, GrantModule, RequestParser } from '../plugs.js';
import { Registry } from '../registry/registry.js';
import { reportOf } from '../registry/report.js';
import type { ServerOptions } from '../server-options.js';
import type { Awaitable } from '../types.js';
import { type MountingRouter, type MountOptions, mount } from './mount.js';

/** Excludes functions, so that a function with a wrong signature does not compile as a serialized value. */
type NoFunction<S> = S extends (...args: never[]) => unknown ? never : unknown;

/** The half of a server that collects what is plugged in. */
export class Plugged<C, U> {
  readonly #registry: Registry<C, U>;

  constructor(options?: ServerOptions<C, U>) {
    this.#registry = new Registry(options);
  }

  /**
   * Registers a grant, which answers a response type. It also takes the name of a combination (`'code token'`) of types that are registered
   * already; or, as in oauth2orize, a module or one function written by hand for the phase `request`, `response` or `error`, where `'*'`
   * means every type.
   *
   * @throws Error if a grant is registered for the type already
   * @example server.grant(grant.code(tokens.code))
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
   * Registers an exchange, which answers a grant type; or, as in oauth2orize, a middleware written by hand, under a type or under its own
   * name, where `'*'` and `null` mean every type.
   *
   * @throws Error if an exchange is registered for the type already
   * @example server.exchange(exchange.code(tokens.code))
   * @see RFC 6749 §8.3
   */
  exchange(exchange: Exchange<C>): this;
  exchange(namedFunction: Middleware): this;
  exchange(type: string | null, exchange: Exchange<C> | Middleware): this;
  exchange(...args: readonly unknown[]): this {
    registerExchange(this.#registry, args);
    return this;
  }

  /** What is plugged in, read-only: for extensions, and for parts such as client authentication. */
  get core(): Core<C, U> {
    return this.#registry;
  }

  /**
   * Plugs in one extension or several: a profile is a list of extensions.
   *
   * @throws Error if one of them is plugged in already, or brings an endpoint after `server.mount()`; TypeError for a misspelt member or step
   * @example server.extend(pkce())
   * @example server.extend(...mcpProfile<App, User>({ resource: 'https://mcp.example/mcp' }))
   */
  extend(...plugs: readonly Plug<C, U>[]): this {
    for (const plug of plugs) {
      const { name, routes = {} } = this.#registry.addExtension(plug);
      this.#registry.phase.requireNotMounted(`The extension ${name}`, routes);
    }
    return this;
  }

  /**
   * Plugs in an extension that has one endpoint, and gives the middleware for its route. Call it once: to mount the endpoint at several paths, use the same
   * middleware.
   *
   * @throws Error if the extension is plugged in already, or has several endpoints: then call `extend`, and mount each `route`
   * @example router.post('/introspect', authenticateClient, server.endpoint(introspection(tokens.introspect)))
   */
  endpoint(plug: Plug<C, U>): Middleware {
    const { name, routes = {} } = this.#registry.addExtension(plug);
    const [only, ...more] = Object.keys(routes);
    if (only === undefined || more.length > 0)
      throw new Error(
        `The extension ${name} has ${Object.keys(routes).length} endpoints, not one: server.extend() it, and mount each server.route(name)`,
      );
    return this.route(only);
  }

  /**
   * The middleware for an endpoint of an extension, by the endpoint's name.
   *
   * @throws Error if there is no such endpoint
   * @example router.get('/userinfo', server.route('userinfo'))
   */
  route(name: string): Middleware {
    const route = this.#registry.routes.get(name);
    if (!route)
      throw new Error(
        `No extension has an endpoint ${name}: there are ${[...this.#registry.routes.keys()].join(', ') || 'none'}`,
      );
    return served(this.#registry, route, name);
  }

  /**
   * Mounts the endpoints that clients call directly (the token endpoint, and those of the extensions) on a router: each at its path, with client authentication
   * and with its CORS rules. The application mounts the authorization endpoint itself, with login and dialog.
   *
   * Documents under `/.well-known/` belong to the root of the host. If the router is mounted below a path (of the issuer, or a prefix), they are left
   * out, with a process warning: mount `server.route('metadata')` at the root.
   *
   * Plug in everything before: it mounts what is there. An endpoint that is plugged in later throws.
   *
   * @throws Error for an endpoint that is configured as a URL
   * @example server.mount(router, { authenticateClient })
   */
  mount(router: MountingRouter, options: MountOptions = {}): this {
    mount(this, router, options);
    this.#registry.phase.mounted = new Set(this.core.routes.keys());
    return this;
  }

  /**
   * Checks the whole configuration now instead of at the first request. The report lists the warnings, and the protections that options give up.
   * `npx koauthorize doctor` checks more: clients, sessions, stores, keys, and responses of the running server.
   *
   * @throws Error if something is missing, contradicts something else, or is not safe
   * @example
   * const { findings } = server.check();
   * for (const { rule, severity, found } of findings) console.log(severity, rule, found);
   */
  check(): CheckReport {
    this.#registry.start();
    return reportOf(this.#registry, this.#registry.reported);
  }

  /**
   * With a function: registers it. It gives the value that is stored for a client while its transaction waits: JSON. If the value is falsy, the next function
   * is called. With a client, as in oauth2orize: calls the functions, and resolves to the value that is stored; it rejects if no function gives one.
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
   * With a function: registers it. It gives the client for a stored value. For `undefined` the next function is called, and without a next function it is an
   * error; null or false means that the client does not exist any more. With a value that `serializeClient` gave, as in oauth2orize: calls the functions, and
   * resolves to the client, or to false if it does not exist any more.
   *
   * @example server.deserializeClient((id) => clients.find(id))
   */
  deserializeClient<S = string>(deserialize: (serialized: S) => Awaitable<C | null | undefined | false>): this;
  deserializeClient<S>(serialized: S & NoFunction<S>): Promise<C | false>;
  deserializeClient(first: unknown): this | Promise<C | false> {
    if (typeof first !== 'function') return this.#registry.deserializeClient(first).then((client) => client ?? false);
    this.#registry.deserializers.push(first as (serialized: unknown) => Awaitable<C | null | undefined | false>);
    return this;
  }
}
