/** The interface between a server and its token service. No code. */
import type { AccessToken } from './access-token.js';
import type { Finding } from './findings.js';
import type { SigningKeys } from './signing-keys.js';
import type {
  AuthenticationEvent,
  Authorization,
  Awaitable,
  Client,
  IssuedTokens,
  Scope,
  TokenRequest,
  TokenResponse,
} from './types.js';

/** Keeps values until they expire, for all processes. A key is any text. Whoever knows a key can read its value: choose keys that nobody can guess. */
export interface EphemeralStore {
  /**
   * Keeps a value unless the key has one already. A store may delete an expired value late, and until then nothing is added under its key: a counter that
   * starts anew in each period therefore needs a key that names the period.
   *
   * @param key begins with a name of your own, as in `JSON.stringify(['my-extension', clientID, text])`. All extensions share the keys of the store: if the
   * key were only a text that a stranger sends, the stranger could choose a key of another extension
   * @param value JSON
   * @param expiresAt epoch seconds
   * @returns whether this call kept it: `true` for exactly one of concurrent callers, in whatever process
   */
  add(key: string, value: unknown, expiresAt: number): Awaitable<boolean>;
  /** The value under a key, unless it was taken or has expired. */
  get(key: string): Awaitable<unknown>;
  /**
   * Gives the value to exactly one of concurrent callers, in whatever process, and to nobody afterwards. After a call that throws, the caller may try again: the
   * value of `ephemeralStore()` is then there, unless another call has taken it.
   */
  take(key: string): Awaitable<unknown>;
}

/** The terms of the access tokens for certain APIs. */
export interface AccessTokenTerms {
  /** Their longest lifetime, in seconds. */
  readonly lifetime?: number | undefined;
  /** Their format: one of `koauthorize/tokens`, such as `jwt({ audience })`. */
  readonly format?: object | undefined;
  /** The words of a scope that mean something at these APIs. Default: all words. @throws OAuth2Error if none of them does */
  scope?(scope: Scope): Scope;
}

/** The terms for all codes and tokens that a client is given. */
export interface ClientTerms {
  /**
   * Whether its refresh tokens stay the same when they are used (no rotation). Those of public clients are always replaced.
   *
   * @see FAPI 2.0 Security Profile §5.3.2.1 no. 9
   */
  readonly keepsRefreshTokens?: boolean | undefined;
  /** The longest lifetime of its authorization codes, in seconds. */
  readonly codeLifetime?: number | undefined;
  /**
   * Called after tokens were issued without a code, such as for client credentials, and stored, and before they are sent. If it throws, because the client was
   * removed meanwhile, the tokens are removed from the store.
   */
  readonly confirm?: (() => Awaitable<void>) | undefined;
}

/** What a server tells its token service, so that the application configures it only once. */
export interface ServerFacts<C = Client, U = unknown> {
  readonly issuer: string | undefined;
  readonly keys: SigningKeys | undefined;
  clientID(client: C): string | undefined;
  subject(user: U): string | undefined;
  authenticationEvent(user: U): AuthenticationEvent | undefined;
  findClient(clientID: string): Promise<C | undefined>;
  /** The subject identifier (`sub`) that a client is given for a user. */
  outwardSubject(subject: string, client: C): Promise<string>;
  /** The terms that an extension sets for the access tokens for these APIs. */
  accessTokenTerms(audience: readonly string[]): AccessTokenTerms | undefined;
  /** The terms of all extensions for the codes and tokens of a client. */
  clientTerms(client: C): ClientTerms;
  now(): number;
}

/** What a user has allowed in a login session, without authorizations that have ended. */
export interface AllowedInSession {
  /** The clients, each once. */
  readonly clientIDs: readonly string[];
  /** The IDs (`sessionID`) of the sessions in which the user allowed that client something, each once. Sessions without an ID are left out. */
  sessionsOf(clientID: string): readonly string[];
  /**
   * Ends the authorizations that last only while the user is logged in, which are all without the scope `offline_access`, and their access tokens.
   *
   * @throws Error that names the authorizations that could not be ended; a further call tries these again
   */
  end(): Promise<void>;
}

/** A login session of a user; without `sessionID`, all sessions of that user. */
export interface LoginSession {
  readonly subject: string;
  readonly sessionID?: string | undefined;
}

/**
 * Who allows a client what, for `tokens.issue`: a `user`, or the `subject` that identifies a user, or neither if the client acts for itself. Further
 * members of an Authorization are stored with it unchanged, and are given back at each refresh.
 */
export interface Allowed<U = unknown> extends Partial<Authorization> {
  readonly user?: U | undefined;
  /**
   * The ID of an authorization that this one is a part of. It ends together with that authorization; once that has ended, nothing is issued for a part.
   * A part has no refresh token.
   */
  readonly within?: string | undefined;
  /** `false` for no refresh token. Default: what the service and the client's registration say. */
  readonly refreshToken?: boolean | undefined;
}

/** An authorization that a user has given, and whose tokens the client has not fetched yet. */
export interface PendingAuthorization<C = Client> {
  /** Whether its tokens were fetched: `issue` refuses. Absent: not known. */
  readonly isFetched?: boolean;
  readonly authorization: Authorization;
  /**
   * Issues the tokens and ends the pending authorization in one atomic step: of concurrent callers, in whatever process, exactly one succeeds.
   *
   * @param respond makes the response, before anything is stored: if it throws, the authorization stays pending
   * @throws TokenError `invalid_grant` if the tokens were fetched before, or the authorization was ended
   */
  issue(request: TokenRequest<C>, respond?: (tokens: IssuedTokens) => Promise<TokenResponse>): Promise<IssuedTokens>;
}

/**
 * Authorizations for clients that fetch their tokens later and without an authorization code, such as devices. A pending authorization ends when an
 * unused authorization code would: when the authorizations of its user or client are revoked, and with the user's login session.
 */
export interface PendingAuthorizations<C = Client, U = unknown> {
  /**
   * @param expiresAt epoch seconds until which the client can fetch its tokens
   * @returns the ID for `find` and `remove`. It is not a credential: no endpoint accepts it in place of a code or token
   */
  keep(authorization: Authorization, user: U, expiresAt: number): Promise<string>;
  /** Finds it; undefined if it has expired or was ended. Once the tokens were fetched, `issue` of the result refuses. */
  find(id: string): Promise<PendingAuthorization<C> | undefined>;
  /** Removes it, as if the user had not allowed it. */
  remove(id: string): Promise<void>;
}

/** What a token service tells the doctor (`koauthorize/doctor`) about its tokens. */
export interface TokenFacts {
  /** In seconds. */
  readonly lifetimes: { readonly code: number; readonly accessToken: number; readonly refreshToken: number };
  /** Whether access tokens are JWTs. `undefined` if that differs between APIs. */
  readonly isSigned: boolean | undefined;
  /** The APIs that an access token is for if the request names none. */
  readonly audience: readonly string[] | undefined;
}

/** What a server needs from its token service. */
export interface ConnectedTokens<C = Client, U = unknown> {
  /** Keeps values for a while, in all processes. */
  readonly ephemeral: EphemeralStore;
  /**
   * Resolves to `true` for exactly one of the callers with the same key, in whatever process: a value that may be used once is used for the first time.
   *
   * @param expiresAt epoch seconds until which the use must be remembered
   */
  useOnce(key: string, expiresAt: number): Promise<boolean>;
  /** Remembers that a user has logged in to a client that was given neither code nor token, so that `allowedInSession` names this client, too. */
  noteLogin?(login: LoginSession & { readonly clientID: string }): Promise<void>;
  /** Issues tokens in answer to a token request. @param respond makes the response, before anything is stored */
  issue?(
    allowed: Allowed<U>,
    request: TokenRequest<C>,
    respond?: (tokens: IssuedTokens) => Promise<TokenResponse>,
  ): Promise<IssuedTokens>;
  /** What users have allowed clients that fetch their tokens later, such as devices. */
  readonly pending?: PendingAuthorizations<C, U>;
  /** What a user has allowed in a login session. */
  allowedInSession?(session: LoginSession): Promise<AllowedInSession>;
  /** Ends all authorizations of a client. @returns how many were ended */
  revokeAll?(whose: { readonly client: NoInfer<C> }): Promise<number>;
  /** What an access token says, if it is valid. @param ctx the request with the token: the operator is told for this request why the token is not valid */
  verify?(accessToken: string, ctx?: unknown): Promise<AccessToken | undefined>;
  /** The lifetimes and the audience of the tokens of a client; without a client, the defaults. */
  facts?(client?: NoInfer<C>): TokenFacts;
  /** Whether its own options say how users log in. */
  readonly knowsLogins?: boolean;
  /** What it finds in its own options once it is connected, for the report of `server.check()`. */
  findings?(): readonly Finding[];
  /** Takes from the server what the application has not told the token service itself. @throws Error if the application told them different things */
  connect?(server: ServerFacts<C, U>): void;
}
