import { StoreUnavailableError, type TokenStore } from './store.js';

/** A store's failure, as the client is to know it: 503, and the cause for the operator. */
function unavailable(error: unknown): StoreUnavailableError {
  return error instanceof StoreUnavailableError
    ? error
    : new StoreUnavailableError('The token store failed', 1, { cause: error });
}

/** The store with an end to waiting: whoever asks gets an answer, or StoreUnavailableError. @param timeout in seconds */
export function timed(store: TokenStore, timeout: number): TokenStore {
  const within = async <T>(operate: () => Promise<T>): Promise<T> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new StoreUnavailableError('The token store did not answer in time')),
        timeout * 1000,
      );
    });
    try {
      return await Promise.race([operate(), late]);
    } catch (error) {
      throw unavailable(error);
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    put: (records, now) => within(() => store.put(records, now)),
    get: (id, now) => within(() => store.get(id, now)),
    consume: (id, consumption) => within(() => store.consume(id, consumption)),
    remove: (id) => within(() => store.remove(id)),
    revoke: (authorizationID, until) => within(() => store.revoke(authorizationID, until)),
    list: (subject, now) => within(() => store.list(subject, now)),
    close: async () => store.close(),
  };
}
