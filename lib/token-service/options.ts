import type { AuthenticationEvent, Awaitable, Client, Scope } from '../types.js';
import type { AccessTokens } from './access-token.js';
import type { AdoptedToken } from './adopt.js';
import type { AdoptedCode } from './adopt-code.js';
import type { AccessTokensFor } from './formats.js';
import type { Granted } from './granted.js';
import type { TokenStore } from './store.js';

/** Lifetimes in seconds. */
export interface Lifetimes {
  /** Default 60. More than 600 gives up that a leaked code is of use for minutes only. @see RFC 6749 §4.1.2 */
  readonly code: number;
  /** Of access tokens. Default 3,600: an hour. */
  readonly accessToken: number;
  /** Of refresh tokens, from their last use. Default 30 days. */
  readonly refreshToken: number;
  /** Of authorizations, from the user's decision, however often their tokens are refreshed. Default a year. */
  readonly authorization: number;
}

/**
 * The options of `tokenService`. `findClient`, `clientID`, `subject`, `authenticationEvent` and `now` may be given to `createServer` instead, which passes them
 * on to its token service. Of the callbacks, only `findClient`, `adopt`, `adoptCode` and `authenticate` may give a promise; for others it is a TypeError.
 */
export interface TokenServiceOptions<C = Client, U = unknown> {
  /** Stores codes and tokens: `memoryStore()`, `lmdbStore()`, `postgresStore()`, `redisStore()`, or your own. */
  readonly store: TokenStore;
  /** The lifetimes for all clients, or a function that gives those of a client. */
  readonly lifetimes?: Partial<Lifetimes> | ((client: C) => Partial<Lifetimes>);
  /**
   * The format of access tokens: `opaque()`, which is the default, or `jwt({ ... })`; or a function that gives the format for the APIs that a token request
   * names. If this option changes, tokens of the earlier format stay valid.
   *
   * @example
   * const formats = { mail: jwt({ audience: 'https://mail.example' }), others: opaque() };
   * tokenService({ store, accessTokens: (audience) => (audience?.includes('https://mail.example') ? formats.mail : formats.others) });
   */
  readonly accessTokens?: AccessTokens | AccessTokensFor<C>;
  /** Whether a refresh token is issued. Default: yes. A client that registered `grant_types` without `refresh_token` gets none in any case. */
  readonly refreshTokens?: (client: C, granted: Granted) => boolean;
  /** The scope that a client may have without a user's consent. Default: its registered `scope`, if it registered `client_credentials` or `password`. */
  readonly clientScope?: (client: C) => Scope;
  /**
   * Whether a client's refresh tokens are spent by each use and replaced. Default: yes. `false` gives up the detection of stolen refresh tokens. It is
   * for clients that authenticate: FAPI 2.0 requires it, and programs that keep their token in a file need it. A refresh token that is not replaced
   * expires with its authorization. Refresh tokens of public clients are always replaced.
   *
   * @see RFC 9700 §2.2.2, FAPI 2.0 Security Profile §5.3.2.1
   */
  readonly rotate?: (client: C) => boolean;
  /**
   * Seconds within which a second use of a code by its own client, with the right verifier, is only refused. Default 0: the tokens from the code are revoked,
   * too. For clients that send a code twice by mistake. During that time, the theft of a code together with its verifier is not detected.
   *
   * @see RFC 6749 §4.1.2: revoking the tokens is a SHOULD
   */
  readonly tolerateRepeatedCode?: number;
  /** The user's name in introspection responses, for people to read. Default: none. @see RFC 7662 §2.2 */
  readonly username?: (user: U) => string | undefined;
  /**
   * Finds a client by its identifier. If it is given, a user whose subject is the identifier of a client cannot authorize anything: an API would mistake a
   * token that the client has for itself for a token of that user.
   *
   * @see RFC 9700 §4.15
   */
  readonly findClient?: (clientID: string) => Awaitable<C | false | null | undefined>;
  /**
   * For servers that come from another library: looks up a refresh token that this service did not issue, so that no user has to log in again. The
   * token can be used once: the refresh spends it, and the new refresh token is one of this service. If the old token is presented again, its authorization
   * is revoked. The callback gives a falsy value for a token that is unknown, or was revoked. It is called when a token is first presented. It must change
   * nothing: several requests may call it at once, and exactly one of them succeeds. If the other library stored hashes, look the token up by its hash.
   *
   * @throws TypeError if a client, a user or subject, a scope or a time is missing
   * @example
   * tokenService({ store, adopt: async (token) => {
   *   const old = await db.oldTokens.findOne({ refresh_token: token, revoked: false });
   *   return old && { clientID: old.client, subject: old.user, scope: old.scope.split(' '), expiresAt: old.expires.getTime() / 1000 };
   * } });
   * @see RFC 6749 §6, RFC 9700 §4.14.2
   */
  readonly adopt?: (refreshToken: string) => Awaitable<AdoptedToken<U> | false | null | undefined>;
  /**
   * The same for codes: looks up a code that the other library issued, and whose client has not exchanged it yet. Its own client can exchange it once. The
   * token request is compared with what the callback gives of the authorization request: the redirect URI, and what extensions compare. If the code is
   * presented again, its authorization is revoked. `pkce()` refuses a code without a challenge, unless its `allowMissing` names the client. The callback gives
   * a falsy value for a code that is unknown, or was exchanged there. It must change nothing. It is called until the code is exchanged.
   *
   * @throws TypeError if a client, a user or subject, a scope, a redirect URI or a time is missing
   * @example
   * tokenService({ store, adoptCode: async (code) => {
   *   const old = await db.oldCodes.findOne({ code });
   *   return old && { clientID: old.client, subject: old.user, scope: old.scope.split(' '), redirectURI: old.redirect_uri, expiresAt: old.expires.getTime() / 1000 };
   * } });
   * @see RFC 6749 §4.1.3, RFC 9700 §2.1.1
   */
  readonly adoptCode?: (code: string) => Awaitable<AdoptedCode<U> | false | null | undefined>;
  /** Verifies a user's name and password, for the legacy password grant. Falsy refuses. */
  readonly authenticate?: (username: string, password: string, client: C) => Awaitable<U | false | null | undefined>;
  /** The identifier of one of the application's clients. Default: its `client_id`. */
  readonly clientID?: (client: C) => string;
  /** The identifier of one of the application's users. It must not contain control characters. Default: the user's `id`, or else its `sub`. */
  readonly subject?: (user: U) => string;
  /**
   * How and when a user logged in. It is read when the user authorizes something; APIs read it to decide whether the user must log in again (step-up). Default:
   * not known.
   *
   * @see RFC 9470
   */
  readonly authenticationEvent?: (user: U) => AuthenticationEvent | undefined;
  /**
   * Whether a client cannot keep a secret: if its access tokens are bound to a key, its refresh tokens are bound to the key, too. Default: whether it
   * registered the `token_endpoint_auth_method` `none`.
   */
  readonly isPublic?: (client: C) => boolean;
  /**
   * Seconds during which a client that sends a spent refresh token again gets the same response: up to 600. Default 10; 0 for none. More than 60 gives up that
   * the theft of a spent token is detected soon.
   */
  readonly grace?: number;
  /**
   * How often one authorization may be refreshed within the lifetime of an access token. Further refreshes are refused with 429 and `Retry-After`, and spend
   * nothing. It limits the records that one authorization can have. Refreshes that do not replace the refresh token are counted separately, by each process
   * for itself. Default 10,000.
   */
  readonly maxRefreshes?: number;
  /** The most seconds to wait for the store. Default 5: a client that then tries again is still within the grace period. */
  readonly timeout?: number;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}
