/** The decision of a user about a request whose client polls. Extensions judge it by the same steps as a decision at the authorization endpoint. */
import type { Context } from 'koa';
import { authorizationOf, requireAllowable } from '../authorization/issue.js';
import { requirePrompted } from '../authorization/prompts.js';
import type { Core } from '../core.js';
import { ForbiddenError } from '../errors/forbidden-error.js';
import { OAuth2Error } from '../errors/oauth2-error.js';
import { tellRefusal } from '../refusal/refusal.js';
import { scopeOf } from '../syntax/scope.js';
import type { Authorization, Transaction } from '../types.js';
import { pendingOf } from './exchange.js';
import type { WaitingRequest, WaitingRequests } from './waiting.js';

/** A request that its user has decided. */
export interface Decided<R, C, U> {
  /** The identifier under which it is stored: `idOfCode`. */
  readonly id: string;
  readonly waiting: R;
  readonly user: U;
  /** The transaction, with the decision. */
  readonly txn: Transaction<C, U>;
}

/** The transaction of a request, for the steps of extensions. It has no redirect URI. */
export function transactionFor<C, U>(client: C, user: U, { request }: WaitingRequest, at: number): Transaction<C, U> {
  return { client, redirectURI: '' as Transaction<C, U>['redirectURI'], webOrigin: undefined, req: request, user, at };
}

/** Whether a decision allows the request. A decision with an empty scope is a denial if the request has a scope. */
export function isAllowed({ req, res }: Transaction<unknown, unknown>): boolean {
  const isNothing = scopeOf(res)?.length === 0 && (scopeOf(req)?.length ?? 0) > 0;
  return res?.allow === true && !isNothing;
}

/** Whether a step denies what the user has allowed. A ForbiddenError is not a denial: the user may allow the request after having done what is due. */
function isDenial(error: unknown): error is OAuth2Error {
  return error instanceof OAuth2Error && error.code === 'access_denied' && !(error instanceof ForbiddenError);
}

/**
 * What a decision grants; undefined for a denial by the user or by a step. A denial by a step is reported to the operator here: the client gets it only with
 * its next poll.
 *
 * @throws OAuth2Error if the user may not allow the request
 */
async function grantedBy<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
): Promise<Authorization | undefined> {
  if (!isAllowed(txn)) return undefined;
  try {
    await requirePrompted(core, txn);
    await requireAllowable(core, txn);
    return await authorizationOf(core, txn);
  } catch (error) {
    if (!isDenial(error)) throw error;
    tellRefusal(ctx, { error, rules: core.refusals, named: { clientID: txn.req.clientID } });
    return undefined;
  }
}

async function allow<R extends WaitingRequest, C, U>(
  core: Core<C, U>,
  requests: WaitingRequests<R, C, U>,
  { id, waiting, user }: Decided<R, C, U>,
  authorization: Authorization,
): Promise<boolean> {
  const pending = pendingOf(core, requests.owner.plug);
  const pendingID = await pending.keep(authorization, user, waiting.expiresAt);
  // if this throws, the pending authorization stays: the store may have kept the answer, and the authorization expires with the request
  const isFirst = await requests.answer(id, waiting, { clientID: waiting.request.clientID, pendingID });
  if (!isFirst) await pending.remove(pendingID);
  return isFirst;
}

/**
 * Answers a request as its user has decided. As at the authorization endpoint, a step of an extension may deny what the user has allowed.
 *
 * @returns the decision that counts; undefined if another decision came first
 * @throws OAuth2Error if the user may not allow the request, which then still waits
 */
export async function decide<R extends WaitingRequest, C, U>(
  core: Core<C, U>,
  ctx: Context,
  requests: WaitingRequests<R, C, U>,
  decided: Decided<R, C, U>,
): Promise<'allowed' | 'denied' | undefined> {
  const { id, waiting, txn } = decided;
  const granted = await grantedBy(core, ctx, txn);
  const isFirst = granted
    ? await allow(core, requests, decided, granted)
    : await requests.answer(id, waiting, { clientID: waiting.request.clientID });
  if (!isFirst) return undefined;
  return granted ? 'allowed' : 'denied';
}
