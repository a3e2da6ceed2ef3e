import type { Context } from 'koa';
import type { Core } from '../core.js';
import { ForbiddenError } from '../errors/forbidden-error.js';
import { reasoned } from '../errors/reason.js';
import { perRequest } from '../http/per-request.js';
import { isOurs, withhold } from '../state.js';
import type { Transaction } from '../types.js';
import { sessionKeyOf, type TransactionMiddlewareOptions } from './options.js';
import { isTakenElsewhere } from './take-elsewhere.js';
import { toRecord } from './wait.js';

/** @param reason for the operator only */
export function unableToLoad(reason: string): ForbiddenError {
  // the message does not repeat the ID, which is the dialog's CSRF token
  return reasoned(new ForbiddenError('Unable to load OAuth 2.0 transaction'), reason);
}

/** The ID of the transaction that this request took. Not kept on the transaction: the application may have replaced that by a copy. */
const taken = perRequest<string>('taken');

/** Whether this request took the transaction out of its store: only this request may answer it. */
export function isTaken<C, U>(ctx: Context, { transactionID }: Transaction<C, U>): boolean {
  return transactionID !== undefined && taken.of(ctx) === transactionID;
}

/** Another process took the transaction. */
export class TakenElsewhere extends ForbiddenError {}

/** Puts a transaction back into its store. */
async function store<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  transactionID: string,
  options: TransactionMiddlewareOptions,
): Promise<void> {
  await core.transactions.store(ctx, transactionID, await toRecord(core, txn), sessionKeyOf(options));
}

/**
 * Removes a transaction from its store. A transaction that the application loaded itself may have waited elsewhere, so it counts as removed.
 *
 * @returns whether this call removed it
 * @throws the error of the store, which is shown to the resource owner and not sent to the client, so that the dialog can be answered again
 */
async function remove<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  transactionID: string,
  options: TransactionMiddlewareOptions,
): Promise<boolean> {
  try {
    const isRemoved = await core.transactions.remove(ctx, transactionID, sessionKeyOf(options));
    return isRemoved || !isOurs(txn);
  } catch (error) {
    if (!isOurs(txn)) return true;
    withhold(txn);
    throw error; // it is not stored again here, even if it is gone: another process may have taken it meanwhile, and it would count twice
  }
}

/**
 * Takes a transaction out of its store: from this moment its answer counts. Of concurrent decisions on one dialog exactly one succeeds: within this
 * process the decisions run one after the other, and between processes the store tells which call removed the transaction. A transaction that
 * is in no store need not be taken.
 *
 * @throws ForbiddenError if another request has taken it
 */
export async function take<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  options: TransactionMiddlewareOptions,
): Promise<void> {
  const { transactionID } = txn;
  if (transactionID === undefined || isTaken(ctx, txn)) return;
  const isFirst = !core.answered.has(transactionID);
  if (isFirst && (await remove(core, ctx, txn, transactionID, options))) {
    core.answered.add(transactionID);
    taken.set(ctx, transactionID);
    return;
  }
  withhold(txn); // the client has its answer already
  const lost = unableToLoad('It was answered by another request');
  throw isFirst ? new TakenElsewhere(lost.message, { cause: lost.cause }) : lost;
}

/**
 * Puts a dialog back whose answer could not be given, so that it waits again.
 *
 * @returns whether it waits
 */
export async function giveBack<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  options: TransactionMiddlewareOptions,
): Promise<boolean> {
  const { transactionID } = txn;
  if (transactionID === undefined) return false;
  if (!isTaken(ctx, txn)) return true;
  if (isTakenElsewhere(ctx)) return false; // the request of the dialog is gone
  if (!isOurs(txn)) return false; // only the application knows where it waited
  try {
    await store(core, ctx, txn, transactionID, options);
  } catch {
    return false;
  }
  core.answered.forget(transactionID);
  taken.set(ctx, '');
  return true;
}
