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

/** What was registered for a response or grant type; no type means all of them. */
export interface Layer<H> {
  readonly type: string | undefined;
  readonly handle: H;
}

// -- Dispatched plugs: exactly one answers ---------------------------------------------------------------------------

/** A response mode as oauth2orize's `modes` options have it. */
export interface ResponseModeFunction {
  (txn: Transaction<unknown>, response: Response, params: ResponseParams): Awaitable<void>;
  /** Asked before a code or token is issued; throws where this transaction cannot be answered so. */
  validate?(txn: Transaction<unknown>): Awaitable<void>;
}
/** Further response modes by name: the option `modes` of a grant. */
export type ResponseModes = Readonly<Record<string, ResponseModeFunction>>;

/** How parameters travel back to the client, to the redirect URI of the transaction. @see OAuth 2.0 Multiple Response Type Encoding Practices §2.1 */
export interface ResponseMode {
  readonly name: string;
  /** Whether the parameters are in the query of the redirect URI, where a token must not be. @see OAuth 2.0 Multiple Response Type Encoding Practices §3 */
  readonly isInQuery?: boolean;
  /** Makes what is sent of the parameters, such as a signed response. It is called before anything is taken: an error here leaves the dialog waiting. */
  prepare?(txn: Transaction<unknown>, params: ResponseParams): Awaitable<ResponseParams>;
  send(ctx: Context, txn: Transaction<unknown>, params: ResponseParams): Awaitable<void>;
}

/** Options of `grant.code()` and `grant.token()`. */
export interface GrantOptions {
  /** Separates scopes in a request; of several, the first that splits wins. Default a space, which is what the RFC has. */
  readonly scopeSeparator?: string | readonly string[];
  /** Further response modes, by name. */
  readonly modes?: ResponseModes;
}

/** How the authorization endpoint reads requests, for whoever judges one elsewhere. */
export interface Reading {
  /** Is told by each authorization endpoint what it was told. */
  add(options: GrantOptions): void;
  /** The scope separators and response modes of the authorization endpoint. @throws Error where several endpoints have different ones */
  readonly options: GrantOptions;
}

/** Answers a `response_type`. @see RFC 6749 §8.4 */
export interface Grant<C = Client, U = unknown> {
  /** The response type: a set, so `code token` equals `token code`. */
  readonly name: string;
  /** The response mode where the request names none. */
  readonly responseMode: string;
  /** The grant type that a client needs for it, if it registered any. Default: what RFC 7591 §2.1 has for the words `code` and `token`; else none. */
  readonly grantType?: string;
  readonly options?: GrantOptions;
  /** An attack on what it issues that an extension must prevent (`Extension.prevents`). Where none does, a process warning says so once. */
  readonly exposedTo?: { readonly attack: string /** The code of the process warning. */; readonly warning: string };
  /** Whether what was issued has been used. A spent code is not sent again if the user presses the button twice. RFC 6749 §4.1.2 */
  isSpent?(params: ResponseParams): Awaitable<boolean>;
  /** Names of grants that a combination asks before this one, however the client spelt the response type. */
  readonly after?: readonly string[];
  /**
   * Called once the resource owner allowed it.
   *
   * @param given what the grants of a combination before this one have given: an ID token has the hashes of a code and of a token
   */
  issue(txn: Transaction<C, U>, authorization: Authorization, given: ResponseParams): Awaitable<ResponseParams>;
  /** Adds to the response parameters, after `issue`. */
  extend?(txn: Transaction<C, U>): Awaitable<ResponseParams | undefined>;
  /** By hand, as in oauth2orize: reads its requests; what it gives replaces what the toolkit has read. */
  request?: RequestParser;
  /** By hand, as in oauth2orize: answers in place of `issue` and `extend`, or calls the grant's own `response` to do so. */
  response?: Middleware;
  /** By hand, as in oauth2orize: answers errors of its transactions, or passes by calling next. */
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

/** What a code or token stands for, and how to answer it. */
export interface Redemption {
  /** Absent when nothing was handed out before, or when a callback will find it and call `check` itself. */
  readonly authorization?: Authorization | undefined;
  /** The callback form redeems and issues in one: it must call `check` when there is something to check. */
  readonly checksItself?: boolean;
  issue(check: Check, respond: Respond): Awaitable<IssuedTokens>;
  /** Makes the code good for nobody: its own client has shown a wrong verifier or key. */
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
  /** Looks up what a code or token stands for. Of concurrent requests with the same one exactly one succeeds: here, or in the redemption's `issue`. */
  redeem(request: TokenRequest<C>, ctx: Context): Awaitable<Redemption>;
  /** Its own comparison with what was authorized, before those of the extensions. */
  check?(authorization: Authorization, request: TokenRequest<C>): Awaitable<void>;
}

// -- Low-level plugs of oauth2orize ----------------------------------------------------------------------------------

/** Reads a request by hand; what it returns, further members too, is merged into `areq`. */
export type RequestParser = (
  ctx: Context,
) => Awaitable<(Partial<AuthorizationRequest> & Readonly<Record<string, unknown>>) | undefined>;
/** Answers an error of a transaction by hand, or passes by calling next. */
export type ErrorResponder = (error: unknown, ctx: Context, next: Next) => unknown;
/** What answers a response type with functions written by hand, as oauth2orize has its grant modules. */
export interface GrantModule {
  readonly name: string;
  readonly request?: RequestParser;
  readonly response?: Middleware;
  readonly error?: ErrorResponder;
  readonly issue?: never; // what issues is a grant, of one server's clients
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
