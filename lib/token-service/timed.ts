import { within } from './store/deadline.js';
import { StoreUnavailableError, type TokenStore } from './store.js';

/** A store's failure, as the client is to know it: 503, and the cause for the operator. */
function unavailable(error: unknown): StoreUnavailableError {
  return error instanceof StoreUnavailableError
    ? error
    : new StoreUnavailableError('The token store failed', 1, { cause: error });
}

/** The store with an end to waiting: whoever asks gets an answer, or StoreUnavailableError. @param timeout in seconds */
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
    put: (records, now) => ask(() => store.put(records, now)),
    get: (id, now) => ask(() => store.get(id, now)),
    consume: (id, consumption) => ask(() => store.consume(id, consumption)),
    remove: (id) => ask(() => store.remove(id)),
    revoke: (authorizationID, until) => ask(() => store.revoke(authorizationID, until)),
    list: (subject, now) => ask(() => store.list(subject, now)),
    close: async () => store.close(),
  };
}
