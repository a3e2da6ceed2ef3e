/** The stores there are, each to be opened again after a crash. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lmdbStore, memoryStore, postgresStore, redisStore, type TokenStore } from 'koauthorize/tokens';
import { Pool } from 'pg';
import { createClient } from 'redis';
import { startPostgres } from '../support/postgres.js';
import { startRedis } from '../support/redis.js';

/** The time that stores purge by. */
export interface Clock {
  now: number;
}

export interface Place {
  /** The store as the next process opens it, on what the last one left. */
  open(): TokenStore;
  /** Known of Redis: `list` may not yet know of what is stored at that moment. So it is not asked together with others. */
  readonly listsLate?: boolean;
  /** For a run of its own. Other places tell runs apart by their users. */
  clear(): void;
  remove(): Promise<void>;
}

/** Purging goes on while others work. */
const PURGE = 0.05;

/** Its process dies with it, so here only the service is made anew. */
async function memory(): Promise<Place> {
  let store = memoryStore();
  const clear = (): void => {
    store = memoryStore();
  };
  return { open: () => store, clear, remove: async () => {} };
}

async function lmdb(clock: Clock): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-model-'));
  const open = (): TokenStore =>
    lmdbStore({ path: join(directory, 'tokens'), now: () => clock.now, purgeInterval: PURGE });
  return { open, clear: () => {}, remove: async () => rmSync(directory, { recursive: true, force: true }) };
}

async function postgres(clock: Clock): Promise<Place | undefined> {
  const server = await startPostgres();
  if (!server) return undefined;
  const pool = new Pool({ ...server.config, max: 8 });
  pool.on('error', () => {});
  const table = `model_${process.pid}`;
  const open = (): TokenStore => postgresStore({ pool, table, clock: () => clock.now, purgeInterval: PURGE });
  const remove = async (): Promise<void> => {
    await pool.query(`DROP TABLE IF EXISTS ${table}, ${table}_revoked, ${table}_schema`);
    await pool.end();
    await server.remove();
  };
  return { open, clear: () => {}, remove };
}

async function redis(clock: Clock): Promise<Place | undefined> {
  const server = await startRedis();
  if (!server) return undefined;
  const client = createClient({ url: server.urls[0] ?? '' });
  client.on('error', () => {});
  await client.connect();
  const open = (): TokenStore => redisStore({ client, prefix: `model-${process.pid}`, now: () => clock.now });
  const remove = async (): Promise<void> => {
    await client.close();
    await server.remove();
  };
  return { open, listsLate: true, clear: () => {}, remove };
}

export const PLACES = { memory, lmdb, PostgreSQL: postgres, Redis: redis } as const;
