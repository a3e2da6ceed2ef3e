/** The shapes of what can be plugged in. No code. */
import type { Context, Middleware, Next, Response } from 'koa';
import type {
  Authorization,
  AuthorizationRequest,
  Awaitable,
  Client,
  IssuedTokens,
  Params,
  ResponseParams,
  TokenRequest,
  TokenRequestParts,
  TokenResponse,
  Transaction,
} from './types.js';

/** Compares a token request with what was authorized: the toolkit's checks and those of every extension. */
export type Check = (authorization: Authorization) => Promise<void>;

/**
 * Makes the token response, with what every extension adds. Code that issues tokens should call it before it stores them, so that an error of an
 * extension spends no code and no refresh token. If that code does not call it, the token endpoint does so afterwards.
 *
 * @throws whatever an extension throws
 */
export type Respond = (tokens: IssuedTokens) => Promise<TokenResponse>;

/** The request parameters that a server reads. */
export interface KnownParameters {
  /** Whether the server or an extension reads it. Other parameters are ignored, even if they come several times. @see RFC 6749 §3.1 */
  has(name: string): boolean;
  isRepeatable(name: string): boolean;
}

/** A handler that was registered for a response type or a grant type; without a type, for all of them. */
export interface Layer<H> {
  readonly type: string | undefined;
  readonly handle: H;
}

// -- Dispatched plugs: exactly one answers ---------------------------------------------------------------------------

/** A response mode in the form of oauth2orize's option `modes`. */
export interface ResponseModeFunction {
  (txn: Transaction<unknown>, response: Response, params: ResponseParams): Awaitable<void>;
  /** Called before a code or token is issued; throws if this response mode cannot answer the transaction. */
  validate?(txn: Transaction<unknown>): Awaitable<void>;
}
/** Further response modes by name: the option `modes` of a grant. */
export type ResponseModes = Readonly<Record<string, ResponseModeFunction>>;

/** How parameters travel back to the client, to the redirect URI of the transaction. @see OAuth 2.0 Multiple Response Type Encoding Practices §2.1 */
export interface ResponseMode {
  readonly name: string;
  /** Whether the parameters are in the query of the redirect URI, where a token must not be. @see OAuth 2.0 Multiple Response Type Encoding Practices §3 */
  readonly isInQuery?: boolean;
  /**
   * Turns the parameters into those that are sent, such as one signed JWT. It is called before the transaction is taken: if it throws, the dialog still waits.
   */
  prepare?(txn: Transaction<unknown>, params: ResponseParams): Awaitable<ResponseParams>;
  send(ctx: Context, txn: Transaction<unknown>, params: ResponseParams): Awaitable<void>;
}

/** Options of `grant.code()` and `grant.token()`. */
export interface GrantOptions {
  /** Separates scopes in a request; of several separators, the first that occurs in the scope is used. Default: a space, as RFC 6749 §3.3 requires. */
  readonly scopeSeparator?: string | readonly string[];
  /** Further response modes, by name. */
  readonly modes?: ResponseModes;
}

/** How the authorization endpoint reads requests: requests that come in at another endpoint are read in the same way. */
export interface Reading {
  /** Adds the options of an authorization endpoint. */
  add(options: GrantOptions): void;
  /** The scope separators and response modes of the authorization endpoint. @throws Error where several endpoints have different ones */
  readonly options: GrantOptions;
}

/** Answers a `response_type`. @see RFC 6749 §8.4 */
export interface Grant<C = Client, U = unknown> {
  /** The response type: a set, so `code token` equals `token code`. */
  readonly name: string;
  /** The response mode if the request names none. */
  readonly responseMode: string;
  /** The grant type that a client needs for it, if it registered any. Default: by RFC 7591 §2.1 for the words `code` and `token`; otherwise none. */
  readonly grantType?: string;
  readonly options?: GrantOptions;
  /** An attack on what it issues that an extension must prevent (`Extension.prevents`). If none does, a process warning says so once. */
  readonly exposedTo?: { readonly attack: string /** The code of the process warning. */; readonly warning: string };
  /** Whether what was issued has been used. A spent code is not sent again if the user presses the button twice. RFC 6749 §4.1.2 */
  isSpent?(params: ResponseParams): Awaitable<boolean>;
  /** Names of grants that a combination asks before this one, however the client spelt the response type. */
  readonly after?: readonly string[];
  /**
   * Called once the resource owner has allowed the request.
   *
   * @param given what the grants of a combination before this one have given: an ID token has the hashes of a code and of a token
   */
  issue(txn: Transaction<C, U>, authorization: Authorization, given: ResponseParams): Awaitable<ResponseParams>;
  /** Adds to the response parameters, after `issue`. */
  extend?(txn: Transaction<C, U>): Awaitable<ResponseParams | undefined>;
  /** Written by hand, as in oauth2orize: reads its requests; the members that it gives replace those that the toolkit has read. */
  request?: RequestParser;
  /** Written by hand, as in oauth2orize: answers in place of `issue` and `extend`, or calls the grant's own `response` to do so. */
  response?: Middleware;
  /** Written by hand, as in oauth2orize: answers errors of its transactions, or leaves that to the next handler by calling `next`. */
  error?: ErrorResponder;
}

/**
 * A grant with the two functions of oauth2orize's modules, which an application may wrap or replace before it registers the grant.
 *
 * @example
 * const module: GrantModuleOf<App, User> = grant.code(tokens.code);
 * const { request } = module;
 * module.request = async (ctx) => ({ ...(await request(ctx)), nonce: String(ctx.query.nonce) });
 */
export interface GrantModuleOf<C = Client, U = unknown> extends Grant<C, U> {
  request: RequestParser;
  response: Middleware;
}

/** The authorization of a code or token, and the function that issues the tokens for it. */
export interface Redemption {
  /** Absent if the request has no earlier authorization, as with client credentials, or if a callback finds it and calls `check` itself. */
  readonly authorization?: Authorization | undefined;
  /** Set if one callback both redeems and issues: it must call `check` itself if there is an authorization. */
  readonly checksItself?: boolean;
  issue(check: Check, respond: Respond): Awaitable<IssuedTokens>;
  /** Invalidates the code: the client that it was issued to has sent a wrong verifier or key. */
  spend?(): Awaitable<void>;
}

/** Answers a `grant_type`. @see RFC 6749 §8.3 */
export interface Exchange<C = Client> {
  readonly name: string;
  /** The grant type whose extension steps apply to it, if it is registered under another name. Default: its name. */
  readonly stepsFor?: string;
  /** Member of `ctx.state` where passport leaves the client. Default: that of the token endpoint. */
  readonly userProperty?: string | undefined;
  /** Parameters of a request that mean something at another server only, such as the API that a grant for that server is for: extensions do not see them. */
  foreign?(params: Params): readonly string[];
  /** Its own parameters. */
  parse?(params: Params): Awaitable<TokenRequestParts>;
  /** Looks up the authorization of a code or token. Of concurrent requests with the same one exactly one succeeds: here, or in the redemption's `issue`. */
  redeem(request: TokenRequest<C>, ctx: Context): Awaitable<Redemption>;
  /** Its own comparison with what was authorized, before those of the extensions. */
  check?(authorization: Authorization, request: TokenRequest<C>): Awaitable<void>;
}

// -- Low-level plugs of oauth2orize ----------------------------------------------------------------------------------

/** Reads a request by hand; all members of its result are merged into `areq`. */
export type RequestParser = (
  ctx: Context,
) => Awaitable<(Partial<AuthorizationRequest> & Readonly<Record<string, unknown>>) | undefined>;
/** Answers an error of a transaction by hand, or leaves that to the next handler by calling `next`. */
export type ErrorResponder = (error: unknown, ctx: Context, next: Next) => unknown;
/** Answers a response type with functions written by hand, like a grant module of oauth2orize. */
export interface GrantModule {
  readonly name: string;
  readonly request?: RequestParser;
  readonly response?: Middleware;
  readonly error?: ErrorResponder;
  readonly issue?: never; // an object with `issue` is a `Grant`, whose type names the server's clients
}

// -- What a server and its token service tell each other, keys, and where transactions wait --------------------------

export type {
  AccessTokenTerms,
  Allowed,
  AllowedInSession,
  ClientTerms,
  ConnectedTokens,
  EphemeralStore,
  LoginSession,
  PendingAuthorization,
  PendingAuthorizations,
  ServerFacts,
} from './connected-tokens.js';
export type { SigningKey, SigningKeys } from './signing-keys.js';
export type { TransactionOptions, TransactionStore } from './transaction-store.js';
