/** Values that extensions keep until they expire, for all processes. They are kept in the token store, so that no second store is needed. */
import type { EphemeralStore } from '../plugs.js';
import { idOfUsed } from './secret.js';
import type { StoredRecord, TokenStore } from './store.js';

export type { EphemeralStore } from '../plugs.js';

function storedValue(record: StoredRecord | undefined): unknown {
  return record?.kind === 'ephemeral' ? record.data : undefined;
}

/**
 * Makes an ephemeral store that uses a token store, for applications that keep their tokens in tables of their own. A token service has one already:
 * `tokens.ephemeral`.
 *
 * @param now the time in epoch seconds
 * @example const ephemeral = ephemeralStore(postgresStore({ pool }));
 */
export function ephemeralStore(store: TokenStore, now: () => number = () => Date.now() / 1000): EphemeralStore {
  return {
    add(key, value, expiresAt) {
      const id = idOfUsed(key);
      const time = now();
      // its own authorization ID: no list has the record, and no revocation removes it
      const record = { id, kind: 'ephemeral', authorizationID: id, clientID: '', expiresAt, data: value ?? null };
      // a key without a value records a use, and is stored as consumed. Version 0.1.0 stores such a record and then consumes it: that `consume` must fail, too
      return store.put([value === undefined ? Object.assign(record, { consumedAt: time }) : record], time);
    },
    async get(key) {
      const record = await store.get(idOfUsed(key), now());
      return record?.consumedAt === undefined ? storedValue(record) : undefined;
    },
    async take(key) {
      const consumed = await store.consume(idOfUsed(key), { now: now() });
      return consumed?.first ? storedValue(consumed.record) : undefined;
    },
  };
}
