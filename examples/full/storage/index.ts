/**
 * Stores everything that other processes, or this one after a restart, must find. lmdb.ts, postgres.ts and redis.ts implement it. To add
 * another database, add a file beside them and a line in openStorage.
 */
import { hash } from 'node:crypto';
import { StoreUnavailableError, type TokenStore } from 'koauthorize/tokens';
import type { Config } from '../config.js';
import type { Limit, Limiter } from './limiters.js';

/**
 * Values that expire: sessions, dialogs, the demo client's visits. Values are JSON. There are at most MOST_DOCUMENTS; above that, those that expire
 * first are removed. Values that strangers can create expire within minutes, so a flood of them does not remove the sessions of logged-in users.
 */
export interface Documents {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, seconds: number): Promise<void>;
  /** Stores a value if there is none. Of concurrent calls, also in different processes, exactly one returns true. */
  add(key: string, value: unknown, seconds: number): Promise<boolean>;
  /** Replaces an existing value and keeps its expiry. It never brings back a removed value. */
  replace(key: string, value: unknown): Promise<void>;
  /** Removes a value. Of concurrent calls, also in different processes, exactly one returns true. */
  remove(key: string): Promise<boolean>;
}

/** Values that do not expire: clients, consents, notes, keys. Values are JSON, each in a collection. The code that writes a collection bounds its size. */
export interface Collections {
  get(collection: string, id: string): Promise<unknown>;
  /** All values of a collection, in no particular order. */
  list(collection: string): Promise<ReadonlyMap<string, unknown>>;
  put(collection: string, id: string, value: unknown): Promise<void>;
  /** Stores `next` if the value is still `before`. Of concurrent calls with the same `before`, exactly one returns true. */
  change(collection: string, id: string, before: unknown, next: unknown): Promise<boolean>;
  /** Stores a value if there is none. Of concurrent calls, also in different processes, exactly one returns true. */
  add(collection: string, id: string, value: unknown): Promise<boolean>;
  remove(collection: string, id: string): Promise<boolean>;
}

/** A document has 1 to 30 kB; all together have a few hundred megabytes at most, and usually far less. */
export const MOST_DOCUMENTS = 100_000;

export interface Storage {
  readonly tokens: TokenStore;
  readonly documents: Documents;
  readonly collections: Collections;
  limiter(limit: Limit): Limiter;
  /** Checks that the database works. @throws if it does not answer */
  ping(): Promise<void>;
  /** Removes expired documents, and those above the limit. Called every minute. */
  purge(): Promise<void>;
  close(): Promise<void>;
}

/** Reports an error of the database in the background to the operator. */
export type Complain = (error: unknown) => void;

/** Keys are hashed: someone who reads the database must not learn a key that a browser could send. A hash also has safe characters and a fixed length. */
export function keyOf(kind: string, ...secrets: readonly string[]): string {
  return `${kind}:${hash('sha256', JSON.stringify(secrets), 'base64url')}`;
}

/** Turns every error of the database into 503, which tells clients only to try again. */
export const unavailable = (cause: unknown): StoreUnavailableError =>
  new StoreUnavailableError('The database does not answer', 1, { cause });

export async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw unavailable(cause);
  }
}

/** Connects to the configured database. Only its driver is loaded. */
async function connected({ database, name }: Config, complain: Complain): Promise<Storage> {
  switch (database.kind) {
    case 'postgres':
      return (await import('./postgres.js')).postgres(database.url, name, complain);
    case 'redis':
      return (await import('./redis.js')).redis(database.url, name, complain);
    case 'lmdb':
      return (await import('./lmdb.js')).lmdb(database.path);
  }
}

export async function openStorage(config: Config, complain: Complain): Promise<Storage> {
  const storage = await connected(config, complain);
  const purging = setInterval(() => void storage.purge().catch(complain), 60_000).unref();
  return {
    ...storage,
    async close() {
      clearInterval(purging);
      await storage.close();
    },
  };
}
