/** The stores, opened in the process that measures, each with what it takes on disk or in memory. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lmdbStore, memoryStore, postgresStore, redisStore, type TokenStore } from 'koauthorize/tokens';
import { Pool } from 'pg';
import { createClient } from 'redis';
import type { StoreName } from './protocol.js';

export interface OpenStore {
  readonly store: TokenStore;
  /** Bytes. */
  size(): Promise<number>;
  /** After much was written: what the database does by itself, if one waits. */
  settle(): Promise<void>;
  /** Closes it, and removes what it has stored. */
  remove(): Promise<void>;
}

/** Seconds: a machine that is busy, or a database that checkpoints, makes a slow figure, and not none. */
export const PATIENCE = 60;

const nothing = async (): Promise<void> => {};

function openMemory(): OpenStore {
  const store = memoryStore({ max: Number.POSITIVE_INFINITY });
  const size = async (): Promise<number> => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  return { store, size, settle: nothing, remove: () => store.close() };
}

function openLMDB(): OpenStore {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-growth-'));
  const path = join(directory, 'tokens');
  const store = lmdbStore({ path });
  return {
    store,
    size: async () => statSync(join(path, 'data.mdb')).size,
    settle: nothing,
    async remove() {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
}

function openPostgres(address: string): OpenStore {
  const pool = new Pool({ ...JSON.parse(address), max: 20 });
  const tables = ['koauthorize_growth', 'koauthorize_growth_revoked', 'koauthorize_growth_schema'];
  const [tokens = ''] = tables;
  const store = postgresStore({ pool, table: tokens, timeout: PATIENCE });
  return {
    store,
    async size() {
      const sizes = tables.map((table) => `pg_total_relation_size('${table}')`).join(' + ');
      const { rows } = await pool.query(`SELECT (${sizes})::float8 AS size`);
      return rows[0].size;
    },
    async settle() {
      await pool.query(`VACUUM ANALYZE ${tokens}`); // else autovacuum does it, in the middle of a round
      await pool.query('CHECKPOINT');
    },
    async remove() {
      await store.close();
      await pool.query(`DROP TABLE ${tables.join(', ')}`);
      await pool.end();
    },
  };
}

/** Of a server that is started for this: it is emptied. */
async function openRedis(address: string): Promise<OpenStore> {
  const client = createClient({ url: address });
  await client.connect();
  const store = redisStore({ client, timeout: PATIENCE });
  return {
    store,
    size: async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]),
    settle: nothing,
    async remove() {
      await store.close();
      await client.flushAll();
      await client.close();
    },
  };
}

/** @param address where its database answers */
export async function openStore(name: StoreName, address: string): Promise<OpenStore> {
  if (name === 'memory') return openMemory();
  if (name === 'lmdb') return openLMDB();
  return name === 'postgres' ? openPostgres(address) : await openRedis(address);
}
