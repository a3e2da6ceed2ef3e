/** The steps of the two endpoints in which extensions take part: every extension is asked, in order of registration, and may add, never replace. No code. */
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

/** An authorization request whose client is known and whose redirect URI is trusted: what an extension throws about it reaches the client. */
export interface AskedRequest<C = Client> {
  readonly params: Params;
  readonly client: C;
  readonly ctx: Context;
  /** What was read so far. */
  readonly request: AuthorizationRequest;
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

/** What is about to be sent to the client: parameters of a success, or of an error. */
export interface Outcome {
  readonly params: ResponseParams;
  /** What the client is told went wrong, if something did. */
  readonly error?: OAuth2Error | undefined;
}

/** The steps of the authorization endpoint that an extension may take part in. */
export interface AuthorizationSteps<C = Client, U = unknown> {
  /** Gives the parameters that these stand for, or a whole request that was judged before; nothing where they stand for themselves. At most one extension may give something. */
  resolve?(params: Params, ctx: Context): Awaitable<Params | JudgedRequest | undefined>;
  /** Gives the request of a reference that a waiting dialog has kept; nothing where it is another's, or gone. */
  recall?(reference: string, ctx: Context): Awaitable<AuthorizationRequest | undefined>;
  /** Reads its own parameters. The redirect URI is trusted by now: what it throws reaches the client. */
  parse?(asked: AskedRequest<C>): Awaitable<Partial<AuthorizationRequest> | undefined>;
  /** What the user must still do, such as `login`; while there is anything, `immediate` is not asked, and a decision is refused. */
  prompt?(txn: Transaction<C, U>): Awaitable<readonly string[] | undefined>;
  /** The user is about to be shown a page; throws where that must not be. */
  interact?(txn: Transaction<C, U>): Awaitable<void>;
  /** The user, or `immediate`, has allowed it; throws to refuse all the same. */
  decide?(txn: Transaction<C, U>): Awaitable<void>;
  /** Members of the authorization: what was really granted. It may be asked for a decision that then does not count, so it changes nothing. */
  authorize?(txn: Transaction<C, U>): Awaitable<Partial<Authorization> | undefined>;
  /** Adds to every response, errors included. */
  respond?(txn: Transaction<C, U>, outcome: Outcome): Awaitable<ResponseParams | undefined>;
  /** The answer is about to be sent. Takes what may be answered once; throws where somebody else has taken it. */
  take?(txn: Transaction<C, U>): Awaitable<void>;
}

/** The steps of the token endpoint that an extension may take part in. */
export interface TokenSteps<C = Client> {
  /** The grant types these steps are for; all of them when absent. */
  readonly grantTypes?: readonly string[];
  /** Reads its own parameters, headers or certificate. */
  parse?(params: Params, client: C, ctx: Context): Awaitable<TokenRequestParts | undefined>;
  /** What of a scope the client may have now, whatever was granted before. It takes words away, and adds none. */
  scope?(scope: readonly string[], client: C): Awaitable<readonly string[]>;
  /** Compares the request with what was authorized; throws to refuse. What it gives is added to the request: what follows from both. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a check that only throws gives nothing
  check?(authorization: Authorization, request: TokenRequest<C>): Awaitable<TokenRequestParts | undefined | void>;
  /** Adds to the response. */
  respond?(
    response: TokenResponse,
    request: TokenRequest<C>,
    authorization: Authorization | undefined,
  ): Awaitable<Partial<TokenResponse> | undefined>;
}
