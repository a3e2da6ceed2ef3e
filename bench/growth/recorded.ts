import type { TokenStore } from 'koauthorize/tokens';
import { AT_ONCE, inParallel } from './cost.js';

/** A store that can take back what came in since it was last told to. */
export interface RecordedStore {
  readonly store: TokenStore;
  /** Removes it. */
  takeBack(): Promise<void>;
  /** Lets it stay. */
  keep(): void;
  /** The IDs of what came in. */
  added(): readonly string[];
}

export function recorded(store: TokenStore): RecordedStore {
  let added: string[] = [];
  const recording: TokenStore = {
    put(records, now, within) {
      for (const { id } of records) added.push(id);
      return store.put(records, now, within);
    },
    consume(id, consumption) {
      for (const next of consumption.next ?? []) added.push(next.id);
      return store.consume(id, consumption);
    },
    get: (id, now) => store.get(id, now),
    remove: (id) => store.remove(id),
    revoke: (authorizationID, until, now) => store.revoke(authorizationID, until, now),
    list: (subject, now) => store.list(subject, now),
    listByClient: (clientID, now) => store.listByClient(clientID, now),
    close: () => store.close(),
  };
  return {
    store: recording,
    async takeBack() {
      const ids = added;
      added = [];
      await inParallel(ids.length, AT_ONCE, (i) => store.remove(ids[i] ?? ''));
    },
    keep() {
      added = [];
    },
    added: () => added,
  };
}
