import type { Context } from 'koa';
import { protectDialog } from '../http/headers.js';
import type { Core } from '../plugs.js';
import type { Transaction, TransactionRecord } from '../types.js';
import type { Answer } from './ask.js';
import { mergeLocals } from './ask.js';
import { sessionKeyOf, type TransactionMiddlewareOptions } from './options.js';

async function toRecord<C, U>(core: Core<C, U>, txn: Transaction<C, U>): Promise<TransactionRecord> {
  return {
    protocol: 'oauth2',
    client: await core.serializeClient(txn.client),
    redirectURI: txn.redirectURI,
    webOrigin: txn.webOrigin,
    req: txn.req,
    info: txn.info,
    subject: txn.user === undefined ? undefined : core.subject(txn.user),
    at: core.now(),
  };
}

/**
 * Lets a transaction wait for the resource owner, and readies the response for the dialog.
 *
 * @param save how to keep it: for the first time, or again
 */
export async function wait<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  answer: Answer,
  options: TransactionMiddlewareOptions,
  save: 'store' | 'update',
): Promise<void> {
  for (const { authorization } of core.extensions) await authorization?.interact?.(txn);
  txn.info = answer.info;
  txn.locals = mergeLocals(txn.locals, answer.locals);
  const { transactionID } = txn;
  if (transactionID !== undefined) {
    await core.transactions[save](ctx, transactionID, await toRecord(core, txn), sessionKeyOf(options));
  }
  protectDialog(ctx);
}
