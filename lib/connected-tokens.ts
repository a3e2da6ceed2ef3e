/** What a server and its token service tell each other. No code. */
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

/** Keeps values for a while, in all processes, under keys of any form. Whoever knows a key can have its value: choose keys that nobody can guess. */
export interface EphemeralStore {
  /**
   * Keeps a value unless there is one under that key. A store may take an expired one for one that is there, for a while: what is counted anew in each
   * span of time needs keys of that span.
   *
   * @param value JSON
   * @param expiresAt epoch seconds
   * @returns whether this call kept it: `true` for exactly one of concurrent callers, in whatever process
   */
  add(key: string, value: unknown, expiresAt: number): Awaitable<boolean>;
  /** The value under a key, unless it was taken or has expired. */
  get(key: string): Awaitable<unknown>;
  /** Gives the value to exactly one of concurrent callers, in whatever process, and to nobody afterwards. */
  take(key: string): Awaitable<unknown>;
}

/** What is said of the access tokens for certain APIs. */
export interface AccessTokenTerms {
  /** Seconds that they live at most. */
  readonly lifetime?: number | undefined;
  /** How they look: a format of `koauthorize/tokens`, such as `jwt({ audience })`. */
  readonly format?: object | undefined;
  /** What of a scope means something at these APIs. Default: all of it. @throws OAuth2Error where that is nothing */
  scope?(scope: Scope): Scope;
}

/** The terms for all codes and tokens that a client is given. */
export interface ClientTerms {
  /** Whether its refresh tokens stay as they are when they are used (no rotation). Those of public clients are always replaced. @see FAPI 2.0 Security Profile §5.3.2.1 no. 9 */
  readonly keepsRefreshTokens?: boolean | undefined;
  /** The longest lifetime of its authorization codes, in seconds. */
  readonly codeLifetime?: number | undefined;
}

/** What a server tells its token service, so that nothing need be said twice. */
export interface ServerFacts<C = Client, U = unknown> {
  readonly issuer: string | undefined;
  readonly keys: SigningKeys | undefined;
  clientID(client: C): string | undefined;
  subject(user: U): string | undefined;
  authenticationEvent(user: U): AuthenticationEvent | undefined;
  findClient(clientID: string): Promise<C | undefined>;
  /** What a client knows a user by. */
  outwardSubject(subject: string, client: C): Promise<string>;
  /** What an extension says of the access tokens for these APIs. */
  accessTokenTerms(audience: readonly string[]): AccessTokenTerms | undefined;
  /** The terms of all extensions for the codes and tokens of a client. */
  clientTerms(client: C): ClientTerms;
  now(): number;
}

/** What was allowed in a login session, and is still good. */
export interface AllowedInSession {
  /** The clients, each once. */
  readonly clientIDs: readonly string[];
  /** The sessions in which one of them was allowed something, by their `sessionID`, each once; without those that have none. */
  sessionsOf(clientID: string): readonly string[];
  /** Ends what was allowed only while the user is logged in: all without the scope `offline_access`, access tokens included. @throws Error that names what has not ended; a further call goes on with that */
  end(): Promise<void>;
}

/** A login session; without `sessionID` all sessions of the user, where nothing tells them apart. */
export interface LoginSession {
  readonly subject: string;
  readonly sessionID?: string | undefined;
}

/**
 * Who allows a client what, for `tokens.issue`: a `user`, or the `subject` that stands for one, or nobody, where the client acts for itself. Further
 * members of an Authorization are kept with it, whole, and come back at each refresh.
 */
export interface Allowed<U = unknown> extends Partial<Authorization> {
  readonly user?: U | undefined;
  /**
   * The authorization that this is a part of, by its ID: it ends with that one, and if that one has ended nothing is issued. A part has no refresh token.
   */
  readonly within?: string | undefined;
  /** `false` for no refresh token. Default: what the service and the client's registration say. */
  readonly refreshToken?: boolean | undefined;
}

/** What a user has allowed, and whose tokens the client has not fetched yet. */
export interface PendingAuthorization<C = Client> {
  readonly authorization: Authorization;
  /**
   * Issues the tokens to exactly one of concurrent callers, in whatever process, in one step with the end of what was pending.
   *
   * @param respond makes the response, before anything is stored: what it throws leaves the authorization pending
   * @throws TokenError `invalid_grant` where the tokens were fetched before, or the authorization was ended
   */
  issue(request: TokenRequest<C>, respond?: (tokens: IssuedTokens) => Promise<TokenResponse>): Promise<IssuedTokens>;
}

/**
 * What users have allowed clients that fetch their tokens later and hold no code for it, such as devices. It ends as an authorization code on its way
 * does: with all that is revoked of the user or the client, and with the user's login session.
 */
export interface PendingAuthorizations<C = Client, U = unknown> {
  /**
   * @param expiresAt epoch seconds until which the client can fetch its tokens
   * @returns the ID by which it is found. It is no credential: whoever sends it to the server as one gets nothing
   */
  keep(authorization: Authorization, user: U, expiresAt: number): Promise<string>;
  /** Undefined where it has expired or was ended. Once the tokens were fetched, `issue` refuses. */
  find(id: string): Promise<PendingAuthorization<C> | undefined>;
  /** Takes it back, as if the user had not allowed it. */
  remove(id: string): Promise<void>;
}

/** What the doctor looks at. */
export interface TokenFacts {
  /** In seconds. */
  readonly lifetimes: { readonly code: number; readonly accessToken: number; readonly refreshToken: number };
  /** Whether access tokens are JWTs. `undefined` where that differs between APIs. */
  readonly isSigned: boolean | undefined;
  /** The APIs that an access token is for where the request does not say. */
  readonly audience: readonly string[] | undefined;
}

/** What a server needs of its token service. */
export interface ConnectedTokens<C = Client, U = unknown> {
  /** Keeps values for a while, in all processes. */
  readonly ephemeral: EphemeralStore;
  /**
   * Tells exactly one of those who use a key, in whatever process, that it is the first.
   *
   * @param expiresAt epoch seconds until which the use must be remembered
   */
  useOnce(key: string, expiresAt: number): Promise<boolean>;
  /** Remembers a client that a user has logged in at and that was given no code and no token: `allowedInSession` names it, too. */
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
  /** Ends all that a client was allowed. @returns how many authorizations were ended */
  revokeAll?(whose: { readonly client: NoInfer<C> }): Promise<number>;
  /** What an access token says, if it is valid. @param ctx the request that brought it, by which the operator is told why it is not */
  verify?(accessToken: string, ctx?: unknown): Promise<AccessToken | undefined>;
  /** How long tokens live, and what they are for: for a client, or where nothing is said of one. */
  facts?(client?: NoInfer<C>): TokenFacts;
  /** Whether its own options say how users log in. */
  readonly knowsLogins?: boolean;
  /** What it finds in its own options once it is connected, for the report of `server.check()`. */
  findings?(): readonly Finding[];
  /** Learns from the server what it was not told itself. @throws Error where both were told different things */
  connect?(server: ServerFacts<C, U>): void;
}
