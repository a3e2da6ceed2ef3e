/** Every store there is, as several processes open it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  lmdbStore,
  memoryStore,
  postgresStore,
  redisStore,
  type StoreClock,
  type TokenStore,
} from 'koauthorize/tokens';
import { Pool } from 'pg';
import { createClient } from 'redis';
import { startPostgres } from './postgres.js';
import { startRedis } from './redis.js';

export interface Place {
  /** The store as the next process opens it, on what the last one left. */
  open(options?: OpenOptions): TokenStore;
  /** Whether two that are open at once have the same records. */
  readonly isShared: boolean;
  /** All that is stored, as text. */
  readonly dump?: () => Promise<string>;
  /** For a run of its own, where that costs nothing. */
  clear(): void;
  remove(): Promise<void>;
}

export interface OpenOptions {
  /** Seconds that what has expired is kept, where the store can be told so. */
  readonly purgeDelay?: number;
}

export interface PlaceOptions {
  /** The time; the store's own by default. */
  readonly clock?: () => number;
  /** Purging goes on while others work. */
  readonly purgeInterval?: number;
}

let places = 0;
const named = (): string => `place_${process.pid}_${places++}`;

/** Its process dies with it: whoever opens it again finds the same records. */
async function memory(): Promise<Place> {
  const make = (): TokenStore => memoryStore({ max: Number.MAX_SAFE_INTEGER });
  let store = make();
  const clear = (): void => {
    store = make();
  };
  return { open: () => store, isShared: false, clear, remove: async () => {} };
}

async function lmdb({ clock, ...options }: PlaceOptions = {}): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-place-'));
  const open = (more?: OpenOptions): TokenStore =>
    lmdbStore({ path: join(directory, 'tokens'), ...options, ...more, ...(clock && { clock }) });
  const remove = async (): Promise<void> => rmSync(directory, { recursive: true, force: true });
  return { open, isShared: true, clear: () => {}, remove };
}

async function postgres({ clock, ...options }: PlaceOptions = {}): Promise<Place | undefined> {
  const server = await startPostgres();
  if (!server) return undefined;
  const pool = new Pool({ ...server.config, max: 12 });
  pool.on('error', () => {});
  const table = named();
  const ofStore: { clock?: StoreClock } = clock ? { clock } : {};
  const open = (more?: OpenOptions): TokenStore => postgresStore({ pool, table, ...options, ...more, ...ofStore });
  const remove = async (): Promise<void> => {
    await pool.query(`DROP TABLE IF EXISTS ${table}, ${table}_revoked, ${table}_schema`);
    await pool.end();
    await server.remove();
  };
  const dump = async (): Promise<string> => JSON.stringify((await pool.query(`SELECT * FROM ${table}`)).rows);
  return { open, isShared: true, dump, clear: () => {}, remove };
}

async function redis({ clock }: PlaceOptions = {}): Promise<Place | undefined> {
  const server = await startRedis();
  if (!server) return undefined;
  const client = createClient({ url: server.urls[0] ?? '' });
  client.on('error', () => {});
  await client.connect();
  const prefix = named();
  const open = (): TokenStore => redisStore({ client, prefix, ...(clock && { clock }) });
  const dump = async (): Promise<string> => {
    const keys = await client.keys(`${prefix}:{*}:token:*`);
    return JSON.stringify(await Promise.all(keys.map((key) => client.get(key))));
  };
  const remove = async (): Promise<void> => {
    await client.close();
    await server.remove();
  };
  return { open, isShared: true, dump, clear: () => {}, remove };
}

export const PLACES = { memory, lmdb, PostgreSQL: postgres, Redis: redis } as const;
