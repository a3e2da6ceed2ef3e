/** What extensions keep for a while, in all processes: over the store of tokens, so that nobody needs a second one. */
import type { Awaitable } from '../types.js';
import { idOfUsed } from './secret.js';
import type { StoredRecord, TokenRecord, TokenStore } from './store.js';

/** Keeps values for a while, under keys of any form. Who may know a key's value is its owner's to see to: choose keys that nobody can guess. */
export interface EphemeralStore {
  /**
   * Keeps a value unless there is one under that key.
   *
   * @param value JSON
   * @param expiresAt epoch seconds
   * @returns whether this call kept it: `true` for exactly one of concurrent callers, in whatever process
   */
  add(key: string, value: unknown, expiresAt: number): Awaitable<boolean>;
  /** The value under a key, unless it was taken or has expired. */
  get(key: string): Awaitable<unknown>;
  /** Gives the value to exactly one of concurrent callers, in whatever process, and to nobody afterwards. */
  take(key: string): Awaitable<unknown>;
}

/** What a store keeps under a key, as a record of nobody's authorization. */
export function ephemeralRecord(key: string, data: unknown, expiresAt: number): TokenRecord {
  const id = idOfUsed(key);
  return { id, kind: 'ephemeral', authorizationID: id, clientID: '', expiresAt, data };
}

function storedValue(record: StoredRecord | undefined): unknown {
  return record?.kind === 'ephemeral' ? record.data : undefined;
}

/**
 * An ephemeral store over a store of tokens, for applications whose tokens are in tables of their own; `tokens.ephemeral` is that of a token
 * service.
 *
 * @param now the time in epoch seconds
 * @example const ephemeral = ephemeralStore(redisStore({ client }));
 */
export function ephemeralStore(store: TokenStore, now: () => number = () => Date.now() / 1000): EphemeralStore {
  return {
    add: (key, value, expiresAt) => store.put([ephemeralRecord(key, value, expiresAt)], now()),
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
