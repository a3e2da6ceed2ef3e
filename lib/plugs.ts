/** The shapes of what can be plugged in. No code. */
import type { Context, Middleware, Next, Response } from 'koa';
import type {
  Authorization,
  AuthorizationRequest,
  Awaitable,
  Client,
  IssuedTokens,
  Params,
  RedirectURI,
  ResponseParams,
  ServerMetadata,
  TokenRequest,
  TokenRequestParts,
  TokenResponse,
  Transaction,
} from './types.js';

/** Compares a token request with what was authorized: the toolkit's checks and those of every extension. */
export type Check = (authorization: Authorization) => Promise<void>;

/**
 * Makes the whole response of tokens, with what every extension adds. What issues tokens may call it before it stores them: an extension that
 * throws then costs the client nothing. Where it is not called, it is called later.
 *
 * @throws whatever an extension throws
 */
export type Respond = (tokens: IssuedTokens) => Promise<TokenResponse>;

// -- Dispatched plugs: exactly one answers ---------------------------------------------------------------------------

/** A response mode as oauth2orize's `modes` options have it. */
export interface ResponseModeFunction {
  (txn: Transaction<unknown>, response: Response, params: ResponseParams): Awaitable<void>;
  /** Asked before a code or token is issued; throws where this transaction cannot be answered so. */
  validate?(txn: Transaction<unknown>): Awaitable<void>;
}
export type ResponseModes = Readonly<Record<string, ResponseModeFunction>>;

/** How parameters travel back to the client. @see OAuth 2.0 Multiple Response Type Encoding Practices §2.1 */
export interface ResponseMode {
  readonly name: string;
  send(ctx: Context, redirectURI: RedirectURI, params: ResponseParams): Awaitable<void>;
}

export interface GrantOptions {
  /** Separates scopes in a request; of several, the first that splits wins. Default a space, which is what the RFC has. */
  readonly scopeSeparator?: string | readonly string[];
  /** Further response modes, by name. */
  readonly modes?: ResponseModes;
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
  /** Name of an extension this grant should not go without; a process warning says once when it does. */
  readonly expects?: string;
  /** Whether what was issued has been used. What is spent is not sent again to who presses the button twice. RFC 6749 §4.1.2 */
  isSpent?(params: ResponseParams): Awaitable<boolean>;
  /** Called once the resource owner allowed it. */
  issue(txn: Transaction<C, U>, authorization: Authorization): Awaitable<ResponseParams>;
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
 * @example const { request } = module; module.request = async (ctx) => ({ ...(await request(ctx)), nonce: ctx.query.nonce });
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
  /** The grant type whose checks it calls for, where it is registered under another name. */
  readonly kind?: string;
  /** Member of `ctx.state` where passport leaves the client. Default: that of the token endpoint. */
  readonly userProperty?: string | undefined;
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
export interface GrantModule {
  readonly name: string;
  readonly request?: RequestParser;
  readonly response?: Middleware;
  readonly error?: ErrorResponder;
  readonly issue?: never; // what issues is a grant, of one server's clients
}

// -- Additive plugs: every one is asked, in order of registration, and may add, never replace -----------------------

/** The steps of the authorization endpoint that an extension may take part in. */
export interface AuthorizationSteps<C = Client, U = unknown> {
  /** Swaps the parameters for those they stand for. */
  resolve?(params: Params, ctx: Context): Awaitable<Params>;
  /** Reads its own parameters. The redirect URI is trusted by now: what it throws reaches the client. */
  parse?(
    params: Params,
    client: C,
    request: AuthorizationRequest,
  ): Awaitable<Partial<AuthorizationRequest> | undefined>;
  /** The resource owner is about to be asked. */
  interact?(txn: Transaction<C, U>): Awaitable<void>;
  /** The resource owner, or `immediate`, has allowed it; throws to refuse. */
  decide?(txn: Transaction<C, U>): Awaitable<void>;
  /** Adds to every response, errors included. */
  respond?(txn: Transaction<C, U>, params: ResponseParams): Awaitable<ResponseParams | undefined>;
}

/** The steps of the token endpoint that an extension may take part in. */
export interface TokenSteps<C = Client> {
  /** The grant types these steps are for; all of them when absent. */
  readonly grantTypes?: readonly string[];
  /** Reads its own parameters, headers or certificate. */
  parse?(params: Params, client: C, ctx: Context): Awaitable<TokenRequestParts | undefined>;
  /** What of a scope the client may have now, whatever was granted before. It takes words away, and adds none. */
  scope?(scope: readonly string[], client: C): Awaitable<readonly string[]>;
  /** Compares the request with what was authorized; throws to refuse. */
  check?(authorization: Authorization, request: TokenRequest<C>): Awaitable<void>;
  /** Adds to the response. */
  respond?(
    response: TokenResponse,
    request: TokenRequest<C>,
    authorization: Authorization | undefined,
  ): Awaitable<Partial<TokenResponse> | undefined>;
}

/** One specification, whole. */
export interface Extension<C = Client, U = unknown> {
  readonly name: string;
  readonly grants?: readonly Grant<C, U>[];
  readonly exchanges?: readonly Exchange<C>[];
  readonly responseModes?: readonly ResponseMode[];
  readonly authorization?: AuthorizationSteps<C, U>;
  readonly token?: TokenSteps<C>;
  /** Whether a word of a scope is ignored, at both endpoints, as if the client had not sent it. @see RFC 6749 §3.3 */
  ignoresScope?(word: string): boolean;
  /** Members that its steps add to requests, authorizations and responses. Two extensions with one of them are told so when they are plugged in. */
  readonly adds?: readonly string[];
  /** Its error codes, and the HTTP statuses that they are answered with where the error was made without one. */
  readonly errors?: Readonly<Record<string, number>>;
  /** What it adds to the metadata document. Also called once when it is plugged in. */
  metadata?(): Partial<ServerMetadata>;
}

// -- Where transactions wait ------------------------------------------------------------------------------------------

export type { TransactionOptions, TransactionStore } from './transaction-store.js';
