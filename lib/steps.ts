/**
 * The steps of the two endpoints in which extensions take part. Every extension is asked, in the order in which they were plugged in. It may add to
 * what is there, and must not replace anything. No code.
 */
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import type { Context } from 'koa';
import type { OAuth2Error } from './errors/oauth2-error.js';
import type {
  Authorization,
  AuthorizationRequest,
  Awaitable,
  Client,
  Params,
  ResponseParams,
  TokenRequest,
  TokenRequestParts,
  TokenResponse,
  Transaction,
} from './types.js';

/** A JWT by which a client authenticates. Its signature is good, and it is for this server and for now. @see RFC 7523 §2.2, §3 */
export interface ClientAssertion<C = Client> {
  readonly client: C;
  readonly header: ProtectedHeaderParameters;
  readonly claims: JWTPayload;
}

/** An authorization request whose client is known and whose redirect URI is trusted: what an extension throws about it reaches the client. */
export interface AskedRequest<C = Client> {
  readonly params: Params;
  readonly client: C;
  readonly ctx: Context;
  /** What has been read so far. */
  readonly request: AuthorizationRequest;
  /** Set where no browser carries the request: its client has sent it here itself, such as from a device. */
  readonly isWithoutBrowser?: true;
  /** Set where the specification of the endpoint has no signed requests, so that none can be required. @see RFC 8628 §3.1 */
  readonly cannotBeSigned?: true;
}

/**
 * An authorization request that was judged where it came in, such as by a pushed authorization request. Who the client is, its redirect URI, its
 * registration and the prompts are judged again at the authorization endpoint; `parse` is not asked again, so that what came in a header there stays.
 *
 * @see RFC 9126 §4
 */
export interface JudgedRequest {
  readonly judged: AuthorizationRequest;
}

/** What is about to be sent to the client: the parameters of a success, or of an error. */
export interface Outcome {
  readonly params: ResponseParams;
  /** The error that is sent, if it is one. */
  readonly error?: OAuth2Error | undefined;
}

/** The steps of the authorization endpoint that an extension may take part in. */
export interface AuthorizationSteps<C = Client, U = unknown> {
  /**
   * Before any parameter is read. Gives the parameters that these stand for, or `{ judged }`: a request that was judged before. Undefined means that
   * the parameters are used as they were sent. At most one extension may give something.
   */
  resolve?(params: Params, ctx: Context): Awaitable<Params | JudgedRequest | undefined>;
  /**
   * A dialog continues that has kept `reference` in place of the request. Gives that request; undefined if it was kept by another extension, or has
   * expired.
   */
  recall?(reference: string, ctx: Context): Awaitable<AuthorizationRequest | undefined>;
  /** Reads its own parameters. What it gives becomes part of the request. The redirect URI is trusted by now: what it throws is sent to the client. */
  parse?(asked: AskedRequest<C>): Awaitable<Partial<AuthorizationRequest> | undefined>;
  /**
   * The request was read; and again when the user comes back, and before a decision counts. Gives what the user must still do, such as
   * `['login']`. While there is anything, `immediate` is not asked, and a decision is refused.
   */
  prompt?(txn: Transaction<C, U>): Awaitable<readonly string[] | undefined>;
  /** The user is about to be shown a page. Throws if the user must not be shown one. */
  interact?(txn: Transaction<C, U>): Awaitable<void>;
  /** The user, or `immediate`, has allowed the request. Throws to refuse it anyway. */
  decide?(txn: Transaction<C, U>): Awaitable<void>;
  /**
   * Before anything is issued. Gives members of the authorization: what was really granted. It must have no side effects, since the decision may
   * still be refused afterwards.
   */
  authorize?(txn: Transaction<C, U>): Awaitable<Partial<Authorization> | undefined>;
  /** Adds parameters to every response, errors included. */
  respond?(txn: Transaction<C, U>, outcome: Outcome): Awaitable<ResponseParams | undefined>;
  /** The answer is about to be sent. Takes a request that may be answered only once out of where it is kept; throws if another answer has taken it. */
  take?(txn: Transaction<C, U>): Awaitable<void>;
}

/** The steps of the token endpoint that an extension may take part in. */
export interface TokenSteps<C = Client> {
  /** The grant types that these steps are for. Without it, they are for all. */
  readonly grantTypes?: readonly string[];
  /**
   * The client is authenticated. Reads its own parameters, headers or a certificate. What it gives becomes part of the token request. `grantType` is that of
   * the exchange, also where the client has sent another name, under which the exchange was registered.
   */
  parse?(params: Params, client: C, ctx: Context, grantType: string): Awaitable<TokenRequestParts | undefined>;
  /**
   * Before tokens are issued. Gives the part of a scope that the client may have now, even if more was granted before. It must not add words. What the
   * `parse` and `check` steps gave is part of `request` by then.
   */
  scope?(scope: readonly string[], client: C, request: TokenRequest<C>): Awaitable<readonly string[]>;
  /**
   * The code or refresh token was looked up. Compares the token request with what was authorized, and throws to refuse it. What it gives becomes part
   * of the token request: what follows from both. `grantType` is that of `parse`.
   */
  check?(
    authorization: Authorization,
    request: TokenRequest<C>,
    grantType: string,
    // biome-ignore lint/suspicious/noConfusingVoidType: a check that only throws gives nothing
  ): Awaitable<TokenRequestParts | undefined | void>;
  /** Tokens were issued. Adds members to the response. `grantType` is that of `parse`. */
  respond?(
    response: TokenResponse,
    request: TokenRequest<C>,
    authorization: Authorization | undefined,
    grantType: string,
  ): Awaitable<Partial<TokenResponse> | undefined>;
}

/** What extensions ask of the answer about a token. */
export interface TokenInquiry {
  /** Whether the answer about a refresh token has its lifetime and that of the authorization. */
  readonly tellsExpiration?: boolean | undefined;
}

/**
 * Whether a client that is looked for may be one that the server has not met before: `may-be-new` where an authorization request names it, `must-be-known`
 * everywhere else. An extension that finds clients elsewhere asks others about a new one in the first case only.
 */
export type ClientLookup = 'may-be-new' | 'must-be-known';
