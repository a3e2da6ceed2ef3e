import type { Context } from 'koa';
import type { Core } from '../core.js';
import type { GrantOptions, ResponseMode, ResponseModeFunction, ResponseModes } from '../plugs.js';
import { responseTypeKey } from '../syntax/response-type.js';
import type { AuthorizationRequest, Awaitable, ResponseParams, Transaction } from '../types.js';

/** Options of the middleware that begin, load or end a transaction. */
export interface TransactionMiddlewareOptions {
  /** Key under which a session keeps waiting transactions. Default `authorize`. */
  readonly sessionKey?: string;
  /** Member of `ctx.state` that is the logged-in user. Default `user`. */
  readonly userProperty?: string;
  /** Further response modes, by name. */
  readonly modes?: ResponseModes;
  /**
   * Takes an empty `scope` in a decision, where the client asked for one, for consent to nothing: the client gets tokens, and is told
   * `scope: ""`. Gives up protection from clients that read a token as good for all that they asked for. Default: it is a denial.
   */
  readonly allowEmptyScope?: boolean;
}

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

interface Send {
  (ctx: Context, txn: Transaction<unknown>, params: ResponseParams): Awaitable<void>;
  validate?(txn: Transaction<unknown>): Awaitable<void>;
}

function byHand(mode: ResponseModeFunction): Send {
  const send: Send = (ctx, txn, params) => mode(txn, ctx.response, params);
  return mode.validate ? Object.assign(send, { validate: (txn: Transaction<unknown>) => mode.validate?.(txn) }) : send;
}

function registered(mode: ResponseMode): Send {
  return (ctx, txn, params) => mode.send(ctx, txn, params);
}

/**
 * How a request is to be answered, or undefined when nothing of that name is there: what the request says, else what is usual
 * for the response type.
 *
 * @param grant what answers, where it is not what is registered for the response type
 * @see OAuth 2.0 Multiple Response Type Encoding Practices §2.1
 */
export function modeOf<C, U>(
  core: Pick<Core<C, U>, 'grants' | 'responseModes'>,
  req: { readonly type: string; readonly responseMode?: string | undefined },
  { modes }: TransactionMiddlewareOptions,
  grant: Answering = core.grants.get(responseTypeKey(req.type)),
): Send | undefined {
  const name = req.responseMode ?? grant?.responseMode ?? 'query';
  // Multiple Response Type Encoding Practices §3: a token never travels in a query
  if (name === 'query' && grant?.responseMode === 'fragment') return undefined;
  for (const own of [modes, grant?.options?.modes]) {
    const mode = own && Object.hasOwn(own, name) ? own[name] : undefined;
    if (mode) return byHand(mode);
  }
  const mode = core.responseModes.get(name);
  return mode && registered(mode);
}

/** How these parameters are to be sent; an error whose request names no mode that is there goes as is usual for the type. */
export function modeFor<C, U>(
  core: Pick<Core<C, U>, 'grants' | 'responseModes'>,
  req: AuthorizationRequest,
  params: ResponseParams,
  options: TransactionMiddlewareOptions,
  grant?: Answering,
): Send | undefined {
  const usual = 'error' in params ? modeOf(core, { type: req.type }, options) : undefined; // never for a code
  return modeOf(core, req, options, grant) ?? usual;
}
