import type { Context } from 'koa';
import type { Core } from '../core.js';
import type { Relaxations } from '../findings.js';
import type { GrantOptions, ResponseMode, ResponseModeFunction, ResponseModes } from '../plugs.js';
import { responseTypeKey } from '../syntax/response-type.js';
import type { AuthorizationRequest, Awaitable, ResponseParams, Transaction } from '../types.js';

/** Options of the middleware that begin, load or end a transaction. */
export interface TransactionMiddlewareOptions {
  /** The key under which a session keeps waiting transactions. Default `authorize`. */
  readonly sessionKey?: string;
  /** The member of `ctx.state` that is the logged-in user. Default `user`. */
  readonly userProperty?: string;
  /** Further response modes, by name. */
  readonly modes?: ResponseModes;
  /**
   * Allows a decision to grant an empty `scope` to a client that asked for one: the client gets tokens, with `scope: ""` in the response. A client that
   * does not read `scope` then acts as if it had got all that it asked for. Default: an empty scope is a denial.
   */
  readonly allowEmptyScope?: boolean;
}

export const RELAXATIONS: Relaxations<TransactionMiddlewareOptions> = {
  allowEmptyScope: {
    why: 'A client that does not read the scope of the response acts as if the user had allowed all that it asked for',
    section: 'RFC 6749 §5.1',
    remedy: 'Leave it out: an empty scope is then a denial, which every client understands',
  },
};

export function sessionKeyOf({ sessionKey = 'authorize' }: TransactionMiddlewareOptions): {
  readonly sessionKey: string;
} {
  return { sessionKey };
}

/** The resource owner who is logged in, if one is. */
export function userOf<U>(ctx: Context, { userProperty = 'user' }: TransactionMiddlewareOptions): U | undefined {
  return ctx.state[userProperty] ?? undefined;
}

type Answering = { readonly responseMode: string; readonly options?: GrantOptions } | undefined;

/** A response mode, registered or written by hand. */
interface Sender extends Pick<ResponseMode, 'prepare' | 'send'> {
  /** Throws if this response mode cannot answer the transaction. */
  validate?(txn: Transaction<unknown>): Awaitable<void>;
}

function byHand(mode: ResponseModeFunction): Sender {
  return {
    validate: (txn) => mode.validate?.(txn),
    send: (ctx, txn, params) => mode(txn, ctx.response, params),
  };
}

/** The parameters as a response mode sends them. */
export function prepared(mode: Sender, txn: Transaction<unknown>, params: ResponseParams): Awaitable<ResponseParams> {
  return mode.prepare?.(txn, params) ?? params;
}

function modeIn(modes: ResponseModes | undefined, name: string): ResponseModeFunction | undefined {
  return modes && Object.hasOwn(modes, name) ? modes[name] : undefined;
}

/**
 * The response mode of a request: the one it names, else the default of its response type. Undefined if there is no such mode, and if it would send a
 * token in a query.
 *
 * @param grant the grant that answers, if it is not the one that is registered for the response type
 * @see OAuth 2.0 Multiple Response Type Encoding Practices §2.1
 */
export function responseModeFor<C, U>(
  core: Pick<Core<C, U>, 'grants' | 'responseModes'>,
  req: { readonly type: string; readonly responseMode?: string | undefined },
  { modes }: TransactionMiddlewareOptions,
  grant: Answering = core.grants.get(responseTypeKey(req.type)),
): Sender | undefined {
  const name = req.responseMode ?? grant?.responseMode ?? 'query';
  const mode = core.responseModes.get(name);
  // Multiple Response Type Encoding Practices §3: a token never travels in a query
  if ((name === 'query' || mode?.isInQuery) && grant?.responseMode === 'fragment') return undefined;
  const handmade = modeIn(modes, name) ?? modeIn(grant?.options?.modes, name);
  return handmade ? byHand(handmade) : mode;
}

/** The response mode for these parameters. An error whose request names an unknown mode is sent in the default mode of its response type. */
export function responseModeForParams<C, U>(
  core: Pick<Core<C, U>, 'grants' | 'responseModes'>,
  req: AuthorizationRequest,
  params: ResponseParams,
  options: TransactionMiddlewareOptions,
  grant?: Answering,
): Sender | undefined {
  const usual = 'error' in params ? responseModeFor(core, { type: req.type }, options) : undefined; // never for a code
  return responseModeFor(core, req, options, grant) ?? usual;
}
