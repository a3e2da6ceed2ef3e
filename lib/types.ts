/**
 * The nouns of koauthorize. No code.
 *
 * Case tells the side of the parser: `redirect_uri` is the wire, `redirectURI` is ours. A specification that needs a
 * further member declares it by interface merging in its own file.
 */
/** A value, or a promise of one. */
export type Awaitable<T> = T | PromiseLike<T>;

/** What the client may do: single words inside, space-separated on the wire. @see RFC 6749 §3.3 */
export type Scope = readonly string[];

/**
 * The parameters of one request: one string per name, never empty. Where a specification lets a parameter come several times, and an extension
 * says so (`repeatable`), the map has the first value, and `all` has all of them.
 *
 * @see RFC 6749 §3.1, RFC 8707 §2
 */
export interface Params extends ReadonlyMap<string, string> {
  /** Every value of a parameter, in the order in which they were sent; empty if there is none. */
  all(name: string): readonly string[];
}

/** The fields of a form; one that was sent more than once has all its values. */
export type FormBody = Readonly<Record<string, string | readonly string[]>>;

declare const trusted: unique symbol;
/** A redirect URI that was compared with the client's registration; nothing else is ever redirected to. */
export type RedirectURI = string & { readonly [trusted]: true };

/**
 * The client as the toolkit sees it by default, in the words of its registration. Applications whose clients have another
 * shape say so once: `createServer({ clientID: (client) => client.id, redirectURIs: (client) => client.callbacks })`.
 *
 * @see RFC 7591 §2
 */
export interface Client {
  readonly client_id: string;
  readonly redirect_uris?: readonly string[];
}

/** Demands the option `clientID` for clients without a `client_id`: without it the first request would fail. */
export type IdentifiedBy<C> = C extends { readonly client_id: string } | null | undefined | false
  ? unknown
  : { readonly clientID: (client: C) => string };

/** The keys that the presenter of a token must prove to possess. Each specification declares its own member, a text. @see RFC 7800 §3.1 */
// biome-ignore lint/suspicious/noEmptyInterface: specifications add their members
export interface Confirmation {}

/** How and when a user logged in. @see RFC 9470 §6, RFC 9068 §2.2.1 */
export interface AuthenticationEvent {
  /** Authentication context class reference: by what means, in a word that server and APIs agree on. */
  readonly acr?: string | undefined;
  /** Epoch seconds. */
  readonly authenticatedAt?: number | undefined;
  /** Authentication methods references: what was used, such as `pwd` and `otp`. @see RFC 8176 */
  readonly amr?: readonly string[] | undefined;
  /** The user's session at this server: 1 to 2048 printable ASCII characters. Clients may learn it, so it is never the value of the session's cookie. */
  readonly sessionID?: string | undefined;
}

/** Claims of a token, by the names that RFC 7519 §4 and RFC 7662 §2.2 give them: JSON. */
export type Claims = Readonly<Record<string, unknown>>;

/** The parsed authorization request, `areq` in callbacks: JSON-safe. @see RFC 6749 §4.1.1 */
export interface AuthorizationRequest {
  /** `response_type` as it was sent. */
  readonly type: string;
  readonly clientID: string;
  /** `redirect_uri` as it was sent: absent if the client relies on its registration. */
  readonly redirectURI?: string | undefined;
  /** A list; or text, if a request parser written by hand gave text. */
  readonly scope?: Scope | undefined;
  readonly state?: string | undefined;
  readonly responseMode?: string | undefined;
  /** Set if an extension keeps the request: the dialog then stores this reference in place of the request. */
  readonly reference?: string | undefined;
}

/**
 * "This client may do this, in answer to this request": what the authorization endpoint hands over to the token endpoint. A grant's callback stores
 * it with the code, the exchange's callback gives it back, and every extension compares the token request with it. It is one
 * JSON value; the application need not look inside.
 */
export interface Authorization {
  readonly clientID: string;
  /** Where the response was sent. */
  readonly redirectURI: string;
  /** The granted scope. It may have fewer words than the requested scope, or other ones. */
  readonly scope: Scope;
  readonly request: AuthorizationRequest;
  /** The user who authorized it, as the application identifies them; absent when the client acts for itself. */
  readonly subject?: string | undefined;
  /** The login that it was made in. */
  readonly authentication?: AuthenticationEvent | undefined;
  /** The APIs that access tokens may be for, if the request named any: a token is for all of them, or for those that the token request names. */
  readonly audience?: readonly string[] | undefined;
  /** Claims that are stored with each of its access tokens. Only `verify` gives them: they never leave this server. */
  readonly notes?: Claims | undefined;
  /** The key that its refresh tokens are bound to. */
  readonly confirmation?: Confirmation | undefined;
  /** Epoch seconds after which none of its tokens is valid, whatever their lifetimes are. */
  readonly endsAt?: number | undefined;
}

/** The resource owner's answer, `ares` in callbacks. Further members are the application's own. */
export interface Decision {
  readonly allow: boolean;
  /** The granted scope, if it differs from the requested one, as the application gave it: a list of words, or text. */
  readonly scope?: Scope | string | undefined;
  readonly [member: string]: unknown;
}

/** Values for the current request only; never stored. */
export type Locals = Readonly<Record<string, unknown>>;

/** An authorization request on its way through login and dialog: `ctx.state.oauth2`, `txn` in callbacks. */
export interface Transaction<C = Client, U = unknown> {
  /** Set while the transaction waits; also the CSRF token of the dialog. */
  transactionID?: string | undefined;
  readonly client: C;
  /** Empty if neither `validate` nor the client has a redirect URI: only a response written by hand can answer such a transaction. */
  readonly redirectURI: RedirectURI;
  /** When it began, in epoch seconds. */
  readonly at?: number | undefined;
  /** The third element of what `validate` gave. */
  readonly webOrigin?: string | undefined;
  req: AuthorizationRequest;
  user?: U | undefined;
  /** What `immediate` gave to keep; JSON-safe, stored with the transaction. */
  info?: unknown;
  locals?: Locals | undefined;
  /**
   * What the user must still do, for the application's next page: what extensions require, such as `login`, or `consent` if they require nothing.
   */
  prompts?: readonly string[] | undefined;
  /** What the user has done on account of this request, as the option `done` of `server.resume` gave it. */
  done?: readonly string[] | undefined;
  /** Present once decided. */
  res?: Decision | undefined;
}

/** What a redirect to the client carries; members without a value are left out. */
export type ResponseParams = Readonly<Record<string, string | number | undefined>>;

/** The tokens that an exchange issues, as its `issue` gives them. Further members are sent verbatim. */
export interface IssuedTokens {
  readonly access_token: string;
  /** `Bearer`, unless it says otherwise. */
  readonly token_type?: string;
  /** Lifetime of the access token in seconds. */
  readonly expires_in?: number | undefined;
  readonly refresh_token?: string | undefined;
  /** Space-separated. The toolkit adds it if it knows what was granted. */
  readonly scope?: string | undefined;
  readonly [member: string]: unknown;
}

/** A successful answer of the token endpoint, verbatim. @see RFC 6749 §5.1 */
export interface TokenResponse extends IssuedTokens {
  readonly token_type: string;
}

/** The parsed token request. @see RFC 6749 §4.1.3 */
export interface TokenRequest<C = Client> {
  /** `grant_type` as it was sent. */
  readonly grantType: string;
  /** The client that authenticated. */
  readonly client: C;
  /** How it authenticated, if known: a value of `token_endpoint_auth_method`. */
  readonly authMethod?: string | undefined;
  readonly params: Params;
  /** The same as a plain object, as oauth2orize's callbacks have it. */
  readonly body: Readonly<Record<string, string>>;
  /** What passport's strategy said about the authentication. */
  readonly authInfo?: unknown;
  /** The requested scope, for exchanges in which a client may request one. */
  readonly scope?: Scope | undefined;
  /** The key that the tokens are to be bound to. */
  readonly confirmation?: Confirmation | undefined;
  /** The type of the access token, if it is not `Bearer`. @see RFC 6749 §7.1 */
  readonly tokenType?: string | undefined;
  /** The APIs that the access token is for, if the request names any. */
  readonly audience?: readonly string[] | undefined;
  /** Further claims of the access token: in a JWT, and in the answer to an API that asks about the token. */
  readonly claims?: Claims | undefined;
  /** Claims that are stored with the access token. Only `verify` gives them: they never leave this server. */
  readonly notes?: Claims | undefined;
  /** Whether the response has the lifetimes of its refresh token and of the authorization. */
  readonly tellsExpiration?: boolean | undefined;
}

/** The members of a token request except the client. */
export type TokenRequestParts = Partial<Omit<TokenRequest<unknown>, 'client'>>;

export type { ClientMetadata, ServerMetadata } from './metadata.js';
export type { TransactionRecord } from './transaction-store.js';
