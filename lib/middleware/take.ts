import type { Context } from 'koa';
import type { Core } from '../core.js';
import { ForbiddenError } from '../errors/forbidden-error.js';
import { isOurs, withhold } from '../state.js';
import type { Transaction } from '../types.js';
import { sessionKeyOf, type TransactionMiddlewareOptions } from './options.js';

export function unableToLoad(): ForbiddenError {
  return new ForbiddenError('Unable to load OAuth 2.0 transaction'); // and not which: its ID is the dialog's CSRF token
}

/** Whether the transaction does not wait any more, or never did. */
export function isTaken<C, U>(core: Core<C, U>, { transactionID }: Transaction<C, U>): boolean {
  return transactionID === undefined || core.answered.has(transactionID);
}

/**
 * Takes a transaction from where it waits: of concurrent decisions on one dialog exactly one counts.
 *
 * @throws ForbiddenError
 */
export async function take<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  options: TransactionMiddlewareOptions,
): Promise<void> {
  const { transactionID } = txn;
  if (transactionID === undefined) return;
  const first = !core.answered.has(transactionID);
  core.answered.add(transactionID); // before anything is awaited
  const ours = isOurs(txn);
  const removing = async (): Promise<boolean> => core.transactions.remove(ctx, transactionID, sessionKeyOf(options));
  // what the application loaded by itself may have waited where our store cannot look
  const removed = ours ? await removing() : await removing().catch(() => false);
  if (first && (removed || !ours)) return;
  withhold(txn); // the client has its answer already
  throw unableToLoad();
}
