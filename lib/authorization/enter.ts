import type { Context } from 'koa';
import type { Core } from '../core.js';
import { openExit, setTransaction } from '../state.js';
import type { Transaction } from '../types.js';
import type { TransactionMiddlewareOptions } from './options.js';
import { sendError } from './response.js';

/** Makes a transaction the request's own: from here on its errors go to the client. */
export function enterTransaction<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  options: TransactionMiddlewareOptions,
): void {
  setTransaction(ctx, txn, (error) => sendError(core, ctx, txn, error, options));
}

/** From here on the errors of a transaction, whoever loaded it, go to the client. */
export function admitErrors<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  options: TransactionMiddlewareOptions,
): void {
  openExit(txn, (error) => sendError(core, ctx, txn, error, options));
}
