/** A request that an extension keeps, such as a pushed authorization request, may be answered only once, like a dialog. */
import type { Context } from 'koa';
import type { Core } from '../core.js';
import { perRequest } from '../http/per-request.js';
import { withhold } from '../state.js';
import type { Transaction } from '../types.js';

const taken = perRequest<true>('taken elsewhere');

/** Whether an extension has deleted the request that it kept: the dialog cannot be answered again. */
export function isTakenElsewhere(ctx: Context): boolean {
  return taken.of(ctx) === true;
}

/**
 * Calls the step `take` of every extension, once per HTTP request, even if the request has several answers, such as a success that fails and its error.
 *
 * @throws the error of an extension, which is shown to the resource owner: the client has its answer already, or gets none
 */
export async function takeElsewhere<C, U>(core: Core<C, U>, ctx: Context, txn: Transaction<C, U>): Promise<void> {
  if (isTakenElsewhere(ctx)) return;
  for (const { authorization } of core.extensions) {
    if (!authorization?.take) continue;
    try {
      await authorization.take(txn);
    } catch (error) {
      withhold(txn);
      throw error;
    }
    taken.set(ctx, true);
  }
}
