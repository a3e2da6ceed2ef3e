/** Stores the transactions that wait for a decision, for several processes. Each is taken by exactly one of them. The toolkit's limit is 10 minutes. */
import type { Context } from 'koa';
import type { TransactionRecord, TransactionStore } from 'koauthorize';
import { sessionKey, type WithSession } from './sessions.js';
import { type Documents, keyOf } from './storage/index.js';

/** Seconds after which the database may delete a transaction. The toolkit refuses older ones anyway. */
const SECONDS = 600;

/** The key contains the session's key: someone else who learns the ID of a transaction has another session, and cannot find it. */
const keyIn = (ctx: Context, transactionID: string): string => keyOf('transaction', sessionKey(ctx), transactionID);

/** A request that came before the user logged in waits in a session for which nothing else is stored: the mark has koa-session store it. */
function keepSession(ctx: Context): void {
  const { session } = ctx as Context & WithSession;
  if (session && !ctx.state['user']) session.waiting = true;
}

/**
 * By default the toolkit keeps transactions in the session, which suffices for one process. For several it does not, even if they share the
 * sessions: koa-session reads the whole session when a request begins and writes the whole session when it ends. Of two concurrent decisions
 * in two processes, each finds the transaction in its own copy and removes it there, so both count. And of two dialogs that are opened at the
 * same time, one is lost when the later copy overwrites the earlier one. Here each transaction is a value of its own, and the database decides
 * which of two processes has removed it.
 */
export function transactionsIn(documents: Documents): TransactionStore {
  return {
    load: async (ctx, id) => (await documents.get(keyIn(ctx, id))) as TransactionRecord | undefined,
    store(ctx, id, record) {
      keepSession(ctx);
      return documents.set(keyIn(ctx, id), record, SECONDS);
    },
    update: (ctx, id, record) => documents.replace(keyIn(ctx, id), record),
    remove: (ctx, id) => documents.remove(keyIn(ctx, id)),
  };
}
