/** What `createServer` takes. No code. */
import type { AllowedOrigins, EndpointURLs } from './core.js';
import type { ConnectedTokens, SigningKeys, TransactionStore } from './plugs.js';
import type { AuthenticationEvent, Awaitable, Client } from './types.js';

/** Where the server is, as `createServer` is told. */
export interface LocationOptions {
  /**
   * The issuer identifier: an https URL (http for loopback hosts) in its normal form, without query, fragment and user information. It is
   * in every authorization response (RFC 9207) and in the metadata, and what is said of endpoints as a path is under it.
   *
   * @see RFC 8414 §2
   */
  readonly issuer?: string;
  /** The path below the issuer that the routes are mounted under, by koa-mount or a router's `prefix`: `/oauth`. Default: none. */
  readonly prefix?: string;
  /** Where endpoints are, if not where they usually are: paths below the issuer and `prefix`, or URLs. */
  readonly endpoints?: EndpointURLs;
}

/** What `createServer` takes. */
export interface ServerOptions<C = Client, U = unknown> extends LocationOptions {
  /**
   * The clients: found by identifier, which is what `validate`, `deserializeClient` and client authentication ask where they are not told
   * otherwise.
   */
  readonly clients?: { find(clientID: string): Awaitable<C | null | undefined | false> };
  /** The token service: it learns the issuer, keys, clients, users and the clock from here. */
  readonly tokens?: ConnectedTokens<C, U>;
  /** The keys that tokens and answers are signed with: `await keySet({ signing })`. */
  readonly keys?: SigningKeys;
  /** What identifies one of the application's clients. Default: its `client_id`. */
  readonly clientID?: (client: C) => string;
  /** The redirect URIs that one of the application's clients registered. Default: its `redirect_uris`. */
  readonly redirectURIs?: (client: C) => readonly string[] | undefined;
  /** What stands for one of the application's users, without control characters. Default: its `id`, or else its `sub`. */
  readonly subject?: (user: U) => string;
  /**
   * How and when a user logged in, in this session: read when they authorize something, and by extensions that may require another login.
   * Default: nobody knows.
   *
   * @see RFC 9470
   */
  readonly authenticationEvent?: (user: U) => AuthenticationEvent | undefined;
  /**
   * Tells this server from the others of an application that keep dialogs in the same sessions: a dialog that began at one is never
   * answered by another. Default: the issuer, or else a name made from what is plugged in and from the order in which the servers were made.
   * Give a name, or an issuer, if that order differs between processes.
   */
  readonly name?: string;
  /** Where transactions wait. Default: in the session. */
  readonly transactions?: TransactionStore;
  /**
   * Lets redirect URIs of `http://localhost` differ from the registration in their port, as those of 127.0.0.1 and [::1] may: those of all
   * clients, or of native programs, say: `({ application_type }) => application_type === 'native'`. Gives up protection where the name `localhost` is
   * resolved to another machine by a name server or a hosts file. @see RFC 8252 §7.3, §8.3
   */
  readonly anyPortForLocalhost?: boolean | ((client: C) => boolean);
  /**
   * Origins whose scripts may call the token endpoint and all others that clients authenticate at, without cookies: `'*'`, or a list. Their preflights are answered where the endpoints are mounted for OPTIONS, as by `router.all`. Default: none. The
   * authorization endpoint is never among them: browsers are sent there.
   */
  readonly allowOrigins?: AllowedOrigins;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}
