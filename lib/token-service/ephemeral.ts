/** What extensions keep for a while, in all processes: over the store of tokens, so that nobody needs a second one. */
import type { EphemeralStore } from '../plugs.js';
import { idOfUsed } from './secret.js';
import type { StoredRecord, TokenStore } from './store.js';

export type { EphemeralStore } from '../plugs.js';

function storedValue(record: StoredRecord | undefined): unknown {
  return record?.kind === 'ephemeral' ? record.data : undefined;
}

/**
 * An ephemeral store over a store of tokens, for applications whose tokens are in tables of their own; `tokens.ephemeral` is that of a token
 * service.
 *
 * @param now the time in epoch seconds
 * @example const ephemeral = ephemeralStore(postgresStore({ pool }));
 */
export function ephemeralStore(store: TokenStore, now: () => number = () => Date.now() / 1000): EphemeralStore {
  return {
    add(key, value, expiresAt) {
      const id = idOfUsed(key);
      const time = now();
      // of no authorization, so that it is listed nowhere and ends by itself
      const record = { id, kind: 'ephemeral', authorizationID: id, clientID: '', expiresAt, data: value ?? null };
      // a key without a value notes a use. A process of 0.1.0 stores such a use first and consumes it then, and must not be the first here either
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
