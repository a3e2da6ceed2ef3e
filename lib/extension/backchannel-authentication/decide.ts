/** What the application shows to a user, and how it reports the decision of the user. @see CIBA §8 */
import type { Context } from 'koa';
import { mergeLocals } from '../../authorization/ask.js';
import { toDecision } from '../../authorization/decide.js';
import type { DecisionInput } from '../../callbacks.js';
import type { Core } from '../../core.js';
import { ForbiddenError } from '../../errors/forbidden-error.js';
import { reasoned } from '../../errors/reason.js';
import { decide, transactionFor } from '../../polling/decide.js';
import { scopeOf } from '../../syntax/scope.js';
import type { Decision, Locals, Scope } from '../../types.js';
import type { BackchannelRequests, OpenRequest } from './kept.js';
import { OPENID } from './names.js';
import type { BackchannelRequest } from './options.js';
import type { Ping } from './ping.js';

/**
 * Only the declared members, without an index signature, so that a misspelt member does not compile. With `scope` misspelt, the whole requested scope would be
 * allowed.
 */
type Declared<T> = { readonly [M in keyof T as string extends M ? never : M]: T[M] };

/** What a user has decided, with the members that extensions add to `DecisionInput`, such as `authorizationDetails`. */
export interface BackchannelDecision<U> extends Declared<DecisionInput> {
  /** The user who decided, as your login left them: you have authenticated them. */
  readonly user: U;
  /** Only `true` allows. */
  readonly allow: boolean;
  /** The allowed scope. Default: the requested scope. A scope without `openid` is a denial. */
  readonly scope?: Scope | string | undefined;
}

/** @throws ForbiddenError, OAuth2Error */
export type Decide<U> = (ctx: Context, id: string, decision: BackchannelDecision<U>) => Promise<'allowed' | 'denied'>;

/** As `Decide`, with the locals that the application has read from the form of its page. */
export type DecideWith<U> = (...args: [...Parameters<Decide<U>>, locals?: Locals]) => ReturnType<Decide<U>>;

export function unable(why: string): ForbiddenError {
  return reasoned(new ForbiddenError('Unable to load the request'), why);
}

/** A request that one user may see and decide, with its client. */
export interface ForUser<C> extends OpenRequest {
  readonly client: C;
}

/** The request with this ID, if this user was asked; undefined for anybody else. */
export async function openFor<C, U>(
  core: Core<C, U>,
  requests: BackchannelRequests<C, U>,
  id: string,
  user: U,
): Promise<ForUser<C> | undefined> {
  const open = await requests.open(id);
  if (!open || core.subject(user) !== open.waiting.subject) return undefined;
  const client = await core.findClient(open.waiting.request.clientID);
  return client && { ...open, client };
}

/** A request in the form that the application gets. */
export function shown<C, U>(id: string, user: U, { waiting, client }: ForUser<C>): BackchannelRequest<C, U> {
  const { request: req, expiresAt } = waiting;
  return { id, client, user, req, expiresAt };
}

/** CIBA §7.1: a decision without `openid` is a denial, since there could be no ID token. */
function withOpenID(res: Decision): Decision {
  return scopeOf(res)?.includes(OPENID) === false ? { ...res, allow: false } : res;
}

export function decider<C, U>(core: Core<C, U>, requests: BackchannelRequests<C, U>, ping: Ping<C>): DecideWith<U> {
  return async (ctx, id, { user, ...input }, locals) => {
    const open = await openFor(core, requests, id, user);
    if (!open) throw unable('It was decided, has expired, its client was removed, or another user was asked');
    const { key, waiting, client, notification } = open;
    const txn = transactionFor(client, user, waiting, waiting.at);
    txn.locals = mergeLocals(ctx.state['locals'], locals);
    txn.res = withOpenID(toDecision(input, false));
    const became = await decide(core, ctx, requests, { id: key, waiting, user, txn });
    if (!became) throw unable('It was decided at the same moment');
    ping(ctx, client, notification);
    return became;
  };
}
