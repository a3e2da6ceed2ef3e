import type { Context } from 'koa';
import { authMethodOf, clientIDOf } from '../clients/registration.js';
import type { Core } from '../core.js';
import { type OptionNames, requireKnown } from '../options.js';
import { requireNoPromise } from '../promise.js';
import type { Awaitable, Client, IdentifiedBy, ServerMetadata } from '../types.js';
import { findIn } from './find.js';
import type { ClientAuthMethod, MethodFacts } from './method.js';
import type { Throttle } from './throttle.js';

/** Options of `clientAuthentication` and `ClientStrategy`. */
export interface ClientAuthenticationOptions<C = Client> {
  /**
   * The server that clients authenticate to: it finds the clients, and the methods use its issuer, token service and clock. The methods
   * are listed in its metadata.
   */
  readonly server?: ConnectingServer<C>;
  /**
   * Finds the client with this identifier; falsy if there is none. It is only called with printable ASCII, at most 2,048 characters. Default:
   * `createServer({ clients })`, and then the extensions that find clients.
   */
  readonly find?: (clientID: string) => Awaitable<C | null | undefined | false>;
  /** The ways in which clients may authenticate. */
  readonly methods: readonly ClientAuthMethod<C>[];
  /**
   * The one method that a client registered. Default: its `token_endpoint_auth_method`. Clients for which it is undefined may use
   * `client_secret_basic` and `client_secret_post`, and no other method.
   */
  readonly registeredMethod?: (client: C) => string | undefined;
  /** The identifier of one of the application's clients. Default: its `client_id`. */
  readonly clientID?: (client: C) => string;
  /** Slows down clients and addresses that try too often. */
  readonly throttle?: Throttle;
}

const KNOWN: OptionNames<ClientAuthenticationOptions> = {
  server: true,
  find: true,
  methods: true,
  registeredMethod: true,
  clientID: true,
  throttle: true,
};

/** The options with their defaults filled in. */
export interface Settings<C> {
  readonly methods: readonly ClientAuthMethod<C>[];
  readonly throttle: Throttle | undefined;
  /** For each method, a client that uses it: a request with an unknown client is verified against this one, so that the answer takes as long. */
  readonly decoys: Map<string, C>;
  /** @throws TokenError `invalid_client` if the extension that finds the client refuses it */
  find(clientID: string, ctx: Context): Awaitable<C | null | undefined | false>;
  /** The identifier of a client that was found. It may differ from the one that was looked for: some databases ignore case. */
  identifierOf(client: C, clientID: string): string | undefined;
  /** Whether a client may use this method. A client that registered one may use no other. */
  allows(client: C, method: ClientAuthMethod<C>): boolean;
  /** The method that a client registered, if it did. */
  registered(client: C): string | undefined;
}

/** RFC 6749 §2.3.1: the two ways to send a secret. A client that registered no method may use either. */
export const SECRETS: ReadonlySet<string> = new Set(['client_secret_basic', 'client_secret_post']);

/** @throws TypeError for a function that makes a method, or the name of a method, which plain JavaScript code may give by mistake */
function requireMethod<C>(method: ClientAuthMethod<C> | ((...options: never[]) => unknown)): void {
  if ('identify' in Object(method)) return;
  if (typeof method === 'function')
    throw new TypeError(`methods takes what ${method.name}() gives, and not the function itself`);
  throw new TypeError(`methods takes what clientSecretBasic() and its like give, and not ${method}`);
}

/** @throws TypeError at start, for options that would fail at the first request */
function requireSensible<C>({ find, methods, server }: ClientAuthenticationOptions<C>): void {
  if (typeof find !== 'function' && !server?.core.findsClients)
    throw new TypeError('client authentication requires find, or a server made by createServer({ clients })');
  if (!methods?.length) throw new TypeError('client authentication requires methods');
  for (const method of methods) requireMethod(method);
  const names = methods.map(({ name }) => name);
  const second = names.find((name, index) => names.indexOf(name) !== index);
  if (second) throw new TypeError(`Client authentication method ${second} is plugged in twice`);
}

/** The part of a server that client authentication needs. */
export interface ConnectingServer<C> {
  readonly core: Core<C, never>;
  extend(plug: { readonly name: string; metadata(): Partial<ServerMetadata> }): unknown;
}

/** Clients without a `client_id` need the option `clientID`, or a server that has it. */
export type Identifying<C> = IdentifiedBy<C> | { readonly server: ConnectingServer<C> };

/** What the methods learn from the server. */
function factsOf<C>(server: ConnectingServer<C> | undefined): MethodFacts {
  if (!server) return {};
  const { core } = server;
  const { issuer, tokens } = core;
  return { issuer, useOnce: tokens && ((key, until) => tokens.useOnce(key, until)), now: () => core.now() };
}

/** Fills in the defaults. @param what the function that takes the options, for the message. @throws TypeError */
export function clientAuthenticationSettings<C>(options: ClientAuthenticationOptions<C>, what: string): Settings<C> {
  requireKnown<ClientAuthenticationOptions<C>>(options, KNOWN, what);
  requireSensible(options);
  const { methods, throttle, server, registeredMethod = authMethodOf } = options;
  const clientID = options.clientID ?? server?.core.clientID.bind(server.core) ?? clientIDOf;
  for (const method of methods) method.connect?.(factsOf(server));
  return {
    methods,
    throttle,
    decoys: new Map(),
    find: (id, ctx) => (options.find ? options.find(id) : server && findIn(server.core, id, ctx)),
    identifierOf(client, id) {
      const own = clientID(client);
      requireNoPromise('clientID', own);
      if (own === undefined && id in Object.prototype) return undefined; // `find` looked up a name such as `constructor` in a plain object
      if (own === undefined) throw new TypeError('Clients have no client_id: say clientAuthentication({ clientID })');
      return own;
    },
    allows(client, { name }) {
      const registered = registeredMethod(client) ?? undefined;
      requireNoPromise('registeredMethod', registered);
      return registered === undefined ? SECRETS.has(name) : registered === name;
    },
    registered: (client) => registeredMethod(client) ?? undefined,
  };
}
