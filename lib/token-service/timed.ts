import { within } from './store/deadline.js';
import { type StoredRecord, StoreUnavailableError, type TokenStore } from './store.js';

/** The error for a failure of the store: the client gets 503, and the operator the cause. */
function unavailable(error: unknown): StoreUnavailableError {
  return error instanceof StoreUnavailableError
    ? error
    : new StoreUnavailableError('The token store failed', 1, { cause: error });
}

async function* slices(records: AsyncIterable<StoredRecord>): AsyncIterable<StoredRecord> {
  try {
    yield* records;
  } catch (error) {
    throw unavailable(error);
  }
}

/**
 * Limits the time to wait for a store: then a call throws StoreUnavailableError. The store is told the limit, so that a call that was given up has no effect
 * later.
 *
 * @param timeout in seconds
 */
export function timed(store: TokenStore, timeout: number): TokenStore {
  if (store.answersAtOnce) return store;
  const ask = async <T>(operate: () => Promise<T>): Promise<T> => {
    try {
      return await within(timeout, operate());
    } catch (error) {
      throw unavailable(error);
    }
  };
  const { listByAuthorization: listed } = store;
  return {
    ...(listed && { listByAuthorization: (id: string, now: number) => slices(listed.call(store, id, now)) }),
    put: (records, now) => ask(() => store.put(records, now, timeout)),
    get: (id, now) => ask(() => store.get(id, now)),
    consume: (id, consumption) => ask(() => store.consume(id, Object.assign({ within: timeout }, consumption))),
    remove: (id) => ask(() => store.remove(id)),
    revoke: (authorizationID, until, now) => ask(() => store.revoke(authorizationID, until, now)),
    list: (subject, now) => ask(() => store.list(subject, now)),
    listByClient: (clientID, now) => slices(store.listByClient(clientID, now)),
    close: async () => store.close(),
  };
}
