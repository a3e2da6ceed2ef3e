/** Stores of which each does one thing wrong, over one memory store that several handles share, as the processes of a server share a database. */
import { memoryStore, type TokenStore } from 'koauthorize/tokens';

/** What one handle of a store does otherwise. `sound` has all that is stored. */
export type Flaw = (sound: TokenStore) => Partial<TokenStore>;

/** A store whose methods can be replaced one by one. Closing it changes nothing, so it does not say that it is volatile. */
export function handleOf(store: TokenStore): TokenStore {
  return {
    answersAtOnce: true,
    put: (records, now, within) => store.put(records, now, within),
    get: (id, now) => store.get(id, now),
    consume: (id, consumption) => store.consume(id, consumption),
    remove: (id) => store.remove(id),
    revoke: (authorizationID, until, now) => store.revoke(authorizationID, until, now),
    list: (subject, now) => store.list(subject, now),
    listByClient: (clientID, now) => store.listByClient(clientID, now),
    ...(store.listByAuthorization && { listByAuthorization: store.listByAuthorization.bind(store) }),
    close: async () => {},
  };
}

/** @returns what opens one handle after the other */
export function withFlaw(flaw: Flaw): () => TokenStore {
  const shared = memoryStore();
  return () => {
    const sound = handleOf(shared);
    return { ...sound, ...flaw(sound) };
  };
}
