/** What `createServer` takes. No code. */
import type { AllowedOrigins, EndpointURLs } from './core.js';
import type { ConnectedTokens, SigningKeys, TransactionStore } from './plugs.js';
import type { AuthenticationEvent, Awaitable, Client } from './types.js';

/** The options about the location of the server and its endpoints. */
export interface LocationOptions {
  /**
   * The issuer identifier: an https URL (http for loopback hosts) in its normal form, without query, fragment and user information. It is
   * in every authorization response (RFC 9207) and in the metadata, and paths of endpoints are relative to it.
   *
   * @see RFC 8414 §2
   */
  readonly issuer?: string;
  /**
   * Also accepts an `issuer` of http on another host than a loopback one, such as `http://as:3000` between containers of a developer. This gives up TLS:
   * everybody on the network can read passwords, codes and tokens, and change what is sent. Browsers treat only loopback hosts of http as secure: at another
   * host, pages have no passkeys and no `crypto.subtle`, and cookies with `Secure` are not stored. Default `false`.
   */
  readonly allowPlainHTTP?: boolean;
  /** The path below the issuer that the routes are mounted under, by koa-mount or a router's `prefix`: `/oauth`. Default: none. */
  readonly prefix?: string;
  /** Where endpoints are, if not at their default paths: paths below the issuer and `prefix`, or URLs. */
  readonly endpoints?: EndpointURLs;
}

/** What `createServer` takes. */
export interface ServerOptions<C = Client, U = unknown> extends LocationOptions {
  /**
   * Finds a client by its identifier. `validate`, `deserializeClient` and client authentication use it unless the application gives them
   * functions of their own.
   */
  readonly clients?: { find(clientID: string): Awaitable<C | null | undefined | false> };
  /** The token service: it learns the issuer, keys, clients, users and the clock from here. */
  readonly tokens?: ConnectedTokens<C, U>;
  /** The keys that tokens and answers are signed with: `await keySet({ signing })`. */
  readonly keys?: SigningKeys;
  /** The identifier of one of the application's clients. Default: its `client_id`. */
  readonly clientID?: (client: C) => string;
  /** The redirect URIs that one of the application's clients registered. Default: its `redirect_uris`. */
  readonly redirectURIs?: (client: C) => readonly string[] | undefined;
  /** The identifier of one of the application's users. It must not contain control characters. Default: the user's `id`, or else its `sub`. */
  readonly subject?: (user: U) => string;
  /**
   * How and when a user logged in, in this session: read when they authorize something, and by extensions that may require another login.
   * Default: not known.
   *
   * @see RFC 9470
   */
  readonly authenticationEvent?: (user: U) => AuthenticationEvent | undefined;
  /**
   * Distinguishes the servers of an application that keep dialogs in the same sessions: a dialog that began at one server is never
   * answered by another. Default: the issuer, or else a name made from what is plugged in and from the order in which the servers were made.
   * Give a name, or an issuer, if that order differs between processes.
   */
  readonly name?: string;
  /** Where transactions wait. Default: in the session. */
  readonly transactions?: TransactionStore;
  /**
   * Lets redirect URIs of `http://localhost` differ from the registration in their port, as those of 127.0.0.1 and [::1] may: `true` for all
   * clients, or a function for some, such as native ones: `({ application_type }) => application_type === 'native'`. The code goes to another machine if
   * a name server or a hosts file resolves the name `localhost` to one. @see RFC 8252 §7.3, §8.3
   */
  readonly anyPortForLocalhost?: boolean | ((client: C) => boolean);
  /**
   * Origins whose scripts may call the token endpoint and all others that clients authenticate at, without cookies: `'*'`, or a list. Their preflights
   * are answered where the endpoints are mounted for OPTIONS, as by `router.all`. Scripts can never call the authorization endpoint: browsers are
   * redirected to it. Default: none.
   */
  readonly allowOrigins?: AllowedOrigins;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}
