/** What extensions keep of a request, such as a request that was pushed, may be answered once, as a dialog may. */
import type { Context } from 'koa';
import type { Core } from '../core.js';
import { perRequest } from '../http/per-request.js';
import { withhold } from '../state.js';
import type { Transaction } from '../types.js';

const taken = perRequest<true>('taken elsewhere');

/** Whether an extension has given up what it kept: the dialog cannot be answered another time. */
export function isTakenElsewhere(ctx: Context): boolean {
  return taken.of(ctx) === true;
}

/**
 * Has every extension take what may be answered once; of several answers in one HTTP request, such as a success that fails and its error, the
 * first does.
 *
 * @throws what an extension throws: to the resource owner, for the client has its answer already, or gets none
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
