import { within } from './store/deadline.js';
import { type StoredRecord, StoreUnavailableError, type TokenStore } from './store.js';

/** A store's failure, as the client is to know it: 503, and the cause for the operator. */
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
 * The store with an end to waiting: whoever asks gets an answer, or StoreUnavailableError. The store is told how long that is, so that what
 * was given up on does not happen later.
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
  return {
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
