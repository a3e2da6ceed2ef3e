/** Where authorizations wait for the decision, so that every process can take it, and only one does. How long, the toolkit says: 10 minutes. */
import type { Context } from 'koa';
import type { TransactionRecord, TransactionStore } from 'koauthorize';
import { sessionKey } from './sessions.js';
import { type Documents, keyOf } from './storage/index.js';

/** The toolkit itself refuses what waited for longer; this is when the database may forget it. */
const SECONDS = 600;

/** A transaction is found only by the browser that began it: whoever else learns its ID has another session. */
const keyIn = (ctx: Context, transactionID: string): string => keyOf('transaction', sessionKey(ctx), transactionID);

/**
 * The toolkit's default keeps transactions in the session, and for one process that will do. With several, sharing the sessions
 * is not enough: koa-session reads a session as a whole when a request begins and writes it as a whole when it ends. Of two
 * decisions at the same moment, in two processes, each finds the transaction in its own copy and removes it there, so that both
 * count; and of two dialogs that are opened at the same moment, one is lost when the later copy overwrites the earlier. Here each
 * transaction is a value of its own, and the database itself says which of two removed it.
 */
export function transactionsIn(documents: Documents): TransactionStore {
  return {
    load: async (ctx, id) => (await documents.get(keyIn(ctx, id))) as TransactionRecord | undefined,
    store: (ctx, id, record) => documents.set(keyIn(ctx, id), record, SECONDS),
    update: (ctx, id, record) => documents.replace(keyIn(ctx, id), record),
    remove: (ctx, id) => documents.remove(keyIn(ctx, id)),
  };
}
