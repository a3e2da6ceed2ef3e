/**
 * The steps of the two endpoints in which extensions take part. Extensions are called in the order in which they were plugged in. An extension may add
 * members, and must not replace those of others. No code.
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

/** A JWT by which a client authenticates. Its signature is valid, its audience is this server, and it has not expired. @see RFC 7523 §2.2, §3 */
export interface ClientAssertion<C = Client> {
  readonly client: C;
  readonly header: ProtectedHeaderParameters;
  readonly claims: JWTPayload;
}

/** An authorization request whose client is known and whose redirect URI is trusted: an error that an extension throws is sent to the client. */
export interface AskedRequest<C = Client> {
  readonly params: Params;
  readonly client: C;
  readonly ctx: Context;
  /** What has been read so far. */
  readonly request: AuthorizationRequest;
  /** Set if the client has sent the request itself, without a browser, such as from a device. */
  readonly isWithoutBrowser?: true;
  /** Set if the specification of the endpoint has no signed requests, so that none can be required. @see RFC 8628 §3.1 */
  readonly cannotBeSigned?: true;
}

/**
 * An authorization request that was judged where it came in, such as a pushed authorization request. The client, its redirect URI, its registration
 * and the prompts are judged again at the authorization endpoint. `parse` is not called again: what it read from a header of the first request would be lost.
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
   * Called before any parameter is read. Gives the parameters that replace those that were sent, such as the ones in a request object, or `{ judged }`: a
   * request that was judged before. Undefined means that the parameters are used as they were sent. At most one extension may give something.
   */
  resolve?(params: Params, ctx: Context): Awaitable<Params | JudgedRequest | undefined>;
  /**
   * Called when a dialog continues that has stored a `reference` in place of the request. Gives that request; undefined if another extension keeps it, or
   * if it has expired.
   */
  recall?(reference: string, ctx: Context): Awaitable<AuthorizationRequest | undefined>;
  /** Reads its own parameters. What it gives becomes part of the request. The redirect URI is trusted at this step: an error is sent to the client. */
  parse?(asked: AskedRequest<C>): Awaitable<Partial<AuthorizationRequest> | undefined>;
  /**
   * Called after the request was read, again when the user comes back, and again before a decision counts. Gives what the user must still do, such as
   * `['login']`. As long as the list is not empty, `immediate` is not called, and a decision is refused.
   */
  prompt?(txn: Transaction<C, U>): Awaitable<readonly string[] | undefined>;
  /** Called before the user is shown a page. Throws if the user must not be shown one. */
  interact?(txn: Transaction<C, U>): Awaitable<void>;
  /** Called after the user, or `immediate`, has allowed the request. Throws to refuse it anyway. */
  decide?(txn: Transaction<C, U>): Awaitable<void>;
  /**
   * Called before anything is issued. Gives members of the authorization: what was really granted. It must have no side effects, since the decision may
   * still be refused afterwards.
   */
  authorize?(txn: Transaction<C, U>): Awaitable<Partial<Authorization> | undefined>;
  /** Adds parameters to every response, errors included. */
  respond?(txn: Transaction<C, U>, outcome: Outcome): Awaitable<ResponseParams | undefined>;
  /** Called before the answer is sent. Removes a request that may be answered only once from its store; throws if another answer has removed it. */
  take?(txn: Transaction<C, U>): Awaitable<void>;
}

/** The steps of the token endpoint that an extension may take part in. */
export interface TokenSteps<C = Client> {
  /** The grant types that these steps are for. Without it, they are for all. */
  readonly grantTypes?: readonly string[];
  /**
   * Called once the client is authenticated. Reads its own parameters, headers or a certificate. What it gives becomes part of the token request.
   *
   * @param grantType the grant type of the exchange, even if the exchange was registered under another name, which the client has sent
   */
  parse?(params: Params, client: C, ctx: Context, grantType: string): Awaitable<TokenRequestParts | undefined>;
  /**
   * Called before tokens are issued. Gives the part of a scope that the client may have now, even if more was granted before. It must not add words.
   *
   * @param request the token request, with what the steps `parse` and `check` gave
   */
  scope?(scope: readonly string[], client: C, request: TokenRequest<C>): Awaitable<readonly string[]>;
  /**
   * Called once the code or refresh token was looked up. Compares the token request with what was authorized, and throws to refuse it. It may return
   * parts of the token request that follow from both. `grantType` is the same as for `parse`.
   */
  check?(
    authorization: Authorization,
    request: TokenRequest<C>,
    grantType: string,
    // biome-ignore lint/suspicious/noConfusingVoidType: a check that only throws returns nothing
  ): Awaitable<TokenRequestParts | undefined | void>;
  /** Called once tokens were issued. Adds members to the response. `grantType` is that of `parse`. */
  respond?(
    response: TokenResponse,
    request: TokenRequest<C>,
    authorization: Authorization | undefined,
    grantType: string,
  ): Awaitable<Partial<TokenResponse> | undefined>;
}

/** What an extension requires of the answer to an API that asks about a token. */
export interface TokenInquiry {
  /** Whether the answer about a refresh token has its lifetime and that of the authorization. */
  readonly tellsExpiration?: boolean | undefined;
}

/**
 * Whether the client may be new to the server: `may-be-new` if an authorization request names it, `must-be-known` everywhere else. Only for `may-be-new`
 * does an extension fetch an unknown client from elsewhere, such as from the URL that is its identifier.
 */
export type ClientLookup = 'may-be-new' | 'must-be-known';
