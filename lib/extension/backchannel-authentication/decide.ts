/** What the application shows to a user, and how it tells what the user has decided. @see CIBA §8 */
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

/** The members that are declared. A misspelt one does not compile: without it, all that was asked for would be allowed. */
type Declared<T> = { readonly [M in keyof T as string extends M ? never : M]: T[M] };

/** What a user has decided: also the members that extensions declare of a `DecisionInput`, such as `authorizationDetails`. */
export interface BackchannelDecision<U> extends Declared<DecisionInput> {
  /** Who has decided, with the login in which they did: you have authenticated them. */
  readonly user: U;
  /** Only `true` allows. */
  readonly allow: boolean;
  /** What is allowed. Default: all that was asked for. Without `openid` it is a denial. */
  readonly scope?: Scope | string | undefined;
}

/** @throws ForbiddenError, OAuth2Error */
export type Decide<U> = (ctx: Context, id: string, decision: BackchannelDecision<U>) => Promise<'allowed' | 'denied'>;

/** The same, also with the locals that the application has read of the form of its page. */
export type DecideWith<U> = (...args: [...Parameters<Decide<U>>, locals?: Locals]) => ReturnType<Decide<U>>;

export function unable(why: string): ForbiddenError {
  return reasoned(new ForbiddenError('Unable to load the request'), why);
}

/** A request that a user may see, and its client. */
export interface ForUser<C> extends OpenRequest {
  readonly client: C;
}

/** The request of an ID, for the user who was asked: for others there is none. */
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

/** The same, as the application sees it. */
export function shown<C, U>(id: string, user: U, { waiting, client }: ForUser<C>): BackchannelRequest<C, U> {
  const { request: req, expiresAt } = waiting;
  return { id, client, user, req, expiresAt };
}

/** CIBA §7.1: without `openid` it is no authentication, and there is no ID token. */
function withOpenID(res: Decision): Decision {
  return scopeOf(res)?.includes(OPENID) === false ? { ...res, allow: false } : res;
}

export function decider<C, U>(core: Core<C, U>, requests: BackchannelRequests<C, U>, ping: Ping<C>): DecideWith<U> {
  return async (ctx, id, { user, ...input }, locals) => {
    const open = await openFor(core, requests, id, user);
    if (!open) throw unable('It was decided, has no time left, its client is gone, or another user was asked');
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
