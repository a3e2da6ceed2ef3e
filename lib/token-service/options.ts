import type { AuthenticationEvent, Awaitable, Client, Scope } from '../types.js';
import type { AccessTokens } from './access-token.js';
import type { AdoptedToken } from './adopt.js';
import type { AdoptedCode } from './adopt-code.js';
import type { AccessTokensFor } from './formats.js';
import type { Granted } from './granted.js';
import type { TokenStore } from './store.js';

/** In seconds. */
export interface Lifetimes {
  /** Default 60. More than 600 gives up that a code which leaks is of use for minutes only. @see RFC 6749 §4.1.2 */
  readonly code: number;
  /** Default 3,600: an hour. */
  readonly accessToken: number;
  /** From its last use. Default 30 days. */
  readonly refreshToken: number;
  /** From the act of authorization, however often refreshed. Default a year. */
  readonly authorization: number;
}

/**
 * What `tokenService` takes. `findClient`, `clientID`, `subject`, `authenticationEvent` and `now` may be said to the server instead: it tells them
 * to the service that it is given. Callbacks that give a promise throw a TypeError, but for `findClient` and `authenticate`.
 */
export interface TokenServiceOptions<C = Client, U = unknown> {
  /** Where what was handed out is kept: `memoryStore()`, `lmdbStore()`, `postgresStore()`, `redisStore()`, or your own. */
  readonly store: TokenStore;
  /** For all clients, or for each. */
  readonly lifetimes?: Partial<Lifetimes> | ((client: C) => Partial<Lifetimes>);
  /**
   * `opaque()`, which is the default, or `jwt({ ... })`; or a function that says which for the APIs that a token request names. Tokens of every
   * format go on working when this changes.
   *
   * @example
   * const formats = { mail: jwt({ audience: 'https://mail.example' }), others: opaque() };
   * tokenService({ store, accessTokens: (audience) => (audience?.includes('https://mail.example') ? formats.mail : formats.others) });
   */
  readonly accessTokens?: AccessTokens | AccessTokensFor<C>;
  /** Whether a refresh token is given. Default: yes. A client that registered `grant_types` without `refresh_token` gets none, whatever this says. */
  readonly refreshTokens?: (client: C, granted: Granted) => boolean;
  /** The scope a client may have without a user's consent. Default: its registered `scope`, if it registered a grant type for that. */
  readonly clientScope?: (client: C) => Scope;
  /**
   * Whether a client's refresh tokens are spent by each use and replaced. Default: yes. `false` gives up that a stolen refresh token is noticed, for clients
   * that authenticate: FAPI 2.0 asks for it, and programs that keep their token in a file. A refresh token that is not replaced lives as long as its
   * authorization. Those of public clients are replaced whatever this says.
   *
   * @see RFC 9700 §2.2.2, FAPI 2.0 Security Profile §5.3.2.1
   */
  readonly rotate?: (client: C) => boolean;
  /**
   * Seconds in which a code that its own client sends again, with its authentication and verifier right, is refused and no more. Default 0: the tokens that came
   * of the code end. For clients that send twice by mistake: gives up that a code which was stolen together with its verifier is noticed for so long.
   *
   * @see RFC 6749 §4.1.2, where ending the tokens is a SHOULD
   */
  readonly tolerateRepeatedCode?: number;
  /** A name of the user's for introspection, which people can read. Default: none. @see RFC 7662 §2.2 */
  readonly username?: (user: U) => string | undefined;
  /**
   * Finds a client by its identifier. Where it is given, no user may authorize anything whose identifier is that of a client: an API would take a token that a
   * client has for itself for one of that user's.
   *
   * @see RFC 9700 §4.15
   */
  readonly findClient?: (clientID: string) => Awaitable<C | false | null | undefined>;
  /**
   * For servers that come over from another library: looks up a refresh token that this service did not issue, so that nobody has to log in again. The
   * token is honoured once: the refresh spends it, the new refresh token is one of this service, and if the old one comes again, all that came of it ends.
   * The callback gives a falsy value for a token that is unknown, or was revoked. It is called when a token is first presented. It must change nothing:
   * several requests may call it at once, and exactly one of them is served. If the other library kept hashes, it looks the token up by its hash.
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
   * The same for codes: looks up a code that the other library issued, and whose client has not exchanged it yet. It is exchanged once, by its own client, and
   * compared with what the callback says of the authorization request: the redirect URI, and what extensions compare. If it comes again, all that came of it ends.
   * `pkce()` refuses a code of which no challenge is told, unless its `allowMissing` names the client. The callback gives a falsy value for a code
   * that is unknown, or was exchanged there. It must change nothing. It is called until the code is exchanged.
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
  /** What identifies one of the application's clients. Default: its `client_id`. */
  readonly clientID?: (client: C) => string;
  /** What stands for one of the application's users. Default: its `id`, or else its `sub`. */
  readonly subject?: (user: U) => string;
  /**
   * How and when a user logged in, read when they authorize something; told to APIs that ask for more at times (step-up). Default:
   * nobody knows.
   *
   * @see RFC 9470
   */
  readonly authenticationEvent?: (user: U) => AuthenticationEvent | undefined;
  /**
   * Whether a client cannot keep a secret, so that its refresh tokens are bound to its key where its access tokens are. Default: if it
   * registered the `token_endpoint_auth_method` `none`.
   */
  readonly isPublic?: (client: C) => boolean;
  /**
   * Seconds in which a spent refresh token, presented again by its client, gets the same answer: up to 600. Default 10; 0 for none. More than 60 gives up
   * that a spent token which was stolen is noticed for so long.
   */
  readonly grace?: number;
  /**
   * How often one authorization may be refreshed within the lifetime of an access token: more is refused with 429 and `Retry-After`, and nothing
   * is spent. It bounds what a client can have one authorization keep. Answers that do not replace the refresh token are counted apart, by each process
   * for itself. Default 10,000.
   */
  readonly maxRefreshes?: number;
  /** Seconds after which a store that does not answer is given up. Default 5: a client that tries again is within the grace window. */
  readonly timeout?: number;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}
