import { authMethodOf, clientIDOf } from '../clients/registration.js';
import { type OptionNames, requireKnown } from '../options.js';
import { requireNoPromise } from '../registry/shape.js';
import type { Awaitable, Client } from '../types.js';
import type { ClientAuthMethod } from './method.js';
import type { Throttle } from './throttle.js';

/** Options of `clientAuthentication` and `ClientStrategy`. */
export interface ClientAuthenticationOptions<C = Client> {
  /** Finds the client with this identifier; falsy where there is none. It is only called with printable ASCII, at most 2,048 characters. */
  readonly find: (clientID: string) => Awaitable<C | null | undefined | false>;
  /** The ways in which clients may authenticate. */
  readonly methods: readonly ClientAuthMethod<C>[];
  /**
   * The one method that a client registered. Default: its `token_endpoint_auth_method`. Clients for which it is undefined may use
   * `client_secret_basic` and `client_secret_post`, and no other method.
   */
  readonly registeredMethod?: (client: C) => string | undefined;
  /** What identifies one of the application's clients. Default: its `client_id`. */
  readonly clientID?: (client: C) => string;
  /** Slows down clients and addresses that try too often. */
  readonly throttle?: Throttle;
}

const KNOWN: OptionNames<ClientAuthenticationOptions> = {
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
  /** For each method, a client that uses it: a request for a client that does not exist is verified against it, so that it takes as long. */
  readonly decoys: Map<string, C>;
  readonly find: ClientAuthenticationOptions<C>['find'];
  /** Whether a client has exactly this identifier. */
  isOf(client: C, clientID: string): boolean;
  /** Whether a client may use this method. A client that registered one may use no other. */
  allows(client: C, method: ClientAuthMethod<C>): boolean;
  /** The method that a client registered, if it did. */
  registered(client: C): string | undefined;
}

/** RFC 6749 §2.3.1: the two ways to send a secret. A client that registered no method may use either. */
export const SECRETS: ReadonlySet<string> = new Set(['client_secret_basic', 'client_secret_post']);

/** @throws TypeError at start, for options that would fail at the first request */
function requireSensible<C>({ find, methods }: ClientAuthenticationOptions<C>): void {
  if (typeof find !== 'function') throw new TypeError('client authentication requires find');
  if (methods.length === 0) throw new TypeError('client authentication requires methods');
  const names = methods.map(({ name }) => name);
  const second = names.find((name, index) => names.indexOf(name) !== index);
  if (second) throw new TypeError(`Client authentication method ${second} is plugged in twice`);
}

/** Fills in the defaults. @param what the function that takes the options, for the message. @throws TypeError */
export function clientAuthenticationSettings<C>(options: ClientAuthenticationOptions<C>, what: string): Settings<C> {
  requireKnown<ClientAuthenticationOptions<C>>(options, KNOWN, what);
  requireSensible(options);
  const { methods, throttle, registeredMethod = authMethodOf, clientID = clientIDOf } = options;
  return {
    methods,
    throttle,
    decoys: new Map(),
    find: (id) => options.find(id),
    isOf(client, id) {
      const own = clientID(client);
      requireNoPromise('clientID', own);
      if (own === undefined && id in Object.prototype) return false; // find looked the name up in a plain object, and found a member of its prototype
      if (own === undefined) throw new TypeError('Clients have no client_id: say clientAuthentication({ clientID })');
      return own === id; // a database that ignores case may have found another client
    },
    allows(client, { name }) {
      const registered = registeredMethod(client) ?? undefined;
      requireNoPromise('registeredMethod', registered);
      return registered === undefined ? SECRETS.has(name) : registered === name;
    },
    registered: (client) => registeredMethod(client) ?? undefined,
  };
}
