/** The decision of a user about a request whose client polls. The steps of extensions judge it as those of the authorization endpoint. */
import { authorizationOf, requireAllowable } from '../authorization/issue.js';
import { requirePrompted } from '../authorization/prompts.js';
import type { Core } from '../core.js';
import { scopeOf } from '../syntax/scope.js';
import type { Transaction } from '../types.js';
import { pendingOf } from './exchange.js';
import type { WaitingRequest, WaitingRequests } from './waiting.js';

/** A request that its user has decided. */
export interface Decided<R, C, U> {
  /** What stands for its code. */
  readonly id: string;
  readonly waiting: R;
  readonly user: U;
  /** With the decision. */
  readonly txn: Transaction<C, U>;
}

/** The transaction of a request, which the steps of extensions judge. There is nowhere to send a browser to. */
export function transactionFor<C, U>(client: C, user: U, { request }: WaitingRequest, at: number): Transaction<C, U> {
  return { client, redirectURI: '' as Transaction<C, U>['redirectURI'], webOrigin: undefined, req: request, user, at };
}

/** Whether a decision allows something. One that gives no scope, of a request that asks for some, denies it. */
export function isAllowed({ req, res }: Transaction<unknown, unknown>): boolean {
  const isNothing = scopeOf(res)?.length === 0 && (scopeOf(req)?.length ?? 0) > 0;
  return res?.allow === true && !isNothing;
}

/** @throws OAuth2Error where the user may not allow it. The request still waits then */
async function allow<R extends WaitingRequest, C, U>(
  core: Core<C, U>,
  requests: WaitingRequests<R, C, U>,
  { id, waiting, user, txn }: Decided<R, C, U>,
): Promise<boolean> {
  await requirePrompted(core, txn);
  await requireAllowable(core, txn);
  const pending = pendingOf(core, requests.owner.plug);
  const pendingID = await pending.keep(await authorizationOf(core, txn), user, waiting.expiresAt);
  // what it throws leaves the pending authorization there: the answer may have been kept, and it ends with the request anyway
  const isFirst = await requests.answer(id, waiting, { clientID: waiting.request.clientID, pendingID });
  if (!isFirst) await pending.remove(pendingID);
  return isFirst;
}

/**
 * Answers a request as its user has decided.
 *
 * @returns whether this decision counts; false where another one was first
 * @throws OAuth2Error where the user may not allow it. The request still waits then
 */
export async function decide<R extends WaitingRequest, C, U>(
  core: Core<C, U>,
  requests: WaitingRequests<R, C, U>,
  decided: Decided<R, C, U>,
): Promise<boolean> {
  if (isAllowed(decided.txn)) return allow(core, requests, decided);
  return requests.answer(decided.id, decided.waiting, { clientID: decided.waiting.request.clientID });
}
