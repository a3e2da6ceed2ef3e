/** A transaction store of an application: outside of the session, bound to the browser by a header, and as unreliable as a test wants it. */
import type { Context } from 'koa';
import type { TransactionRecord, TransactionStore } from 'koauthorize';

type Method = 'load' | 'store' | 'update' | 'remove';

/** Fails once, before or after it has done what it was asked for. */
interface Fault {
  readonly method: Method;
  readonly when: 'before' | 'after';
}

/** What an application's store throws when its database does not answer. */
export class Unavailable extends Error {
  readonly status = 503;
  readonly retryAfter = 1;
}

/** @param browserOf what a record is bound to besides its ID */
export function transactionStore(browserOf: (ctx: Context) => string = () => '') {
  const records = new Map<string, string>();
  const faults: Fault[] = [];
  const log: string[] = [];
  const keyOf = (ctx: Context, id: string) => `${browserOf(ctx)} ${id}`;
  const attempt = async <T>(method: Method, work: () => T): Promise<T> => {
    log.push(method);
    await null;
    const index = faults.findIndex((fault) => fault.method === method);
    const [fault] = index < 0 ? [] : faults.splice(index, 1);
    if (fault?.when === 'before') throw new Unavailable('The database does not answer');
    const result = work();
    if (fault) throw new Unavailable('The answer of the database was lost');
    return result;
  };
  const transactions: TransactionStore = {
    load: (ctx, id) =>
      attempt('load', () => JSON.parse(records.get(keyOf(ctx, id)) ?? 'null') as TransactionRecord | null).then(
        (record) => record ?? undefined,
      ),
    store: (ctx, id, record) => attempt('store', () => void records.set(keyOf(ctx, id), JSON.stringify(record))),
    update: (ctx, id, record) =>
      attempt('update', () => {
        if (records.has(keyOf(ctx, id))) records.set(keyOf(ctx, id), JSON.stringify(record));
      }),
    remove: (ctx, id) => attempt('remove', () => records.delete(keyOf(ctx, id))),
  };
  return { transactions, records, log, fail: (method: Method, when: Fault['when']) => faults.push({ method, when }) };
}
