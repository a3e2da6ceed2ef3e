import type { Context } from 'koa';
import type { Core } from '../core.js';
import { openExit, setTransaction } from '../state.js';
import type { Transaction } from '../types.js';
import type { TransactionMiddlewareOptions } from './options.js';
import { sendError } from './response.js';

/** Makes a transaction the one of this request. From now on its errors are sent to the client. */
export function setCurrentTransaction<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  options: TransactionMiddlewareOptions,
): void {
  setTransaction(ctx, txn, (error) => sendError(core, ctx, txn, error, options));
}

/** From now on the errors of a transaction are sent to the client, even if the application has loaded the transaction itself. */
export function sendErrorsToClient<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  options: TransactionMiddlewareOptions,
): void {
  openExit(txn, (error) => sendError(core, ctx, txn, error, options));
}
