/** The stores, opened in the process that measures, each with what it takes on disk or in memory, and a fast way to fill it. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lmdbStore, memoryStore, postgresStore, redisStore, type TokenStore } from 'koauthorize/tokens';
import { Pool } from 'pg';
import { createClient } from 'redis';
import type { Login } from './bulk.js';
import { writeEach, writeRows } from './filling.js';
import type { StoreName } from './protocol.js';

export interface OpenStore {
  readonly store: TokenStore;
  /** Where another process finds the same records; nothing in memory. */
  readonly address: string;
  /** Stores what these logins leave, as the store would, in less time. @param now when they came, by the clock of their server */
  write(logins: readonly Login[], now: number): Promise<void>;
  /** Bytes. */
  size(): Promise<number>;
  /** After much was written: what the database does by itself, if one waits. */
  settle(): Promise<void>;
  /** Lets what has expired be removed. @returns when that begins, in milliseconds since the epoch */
  purge(): Promise<number>;
  /** How many records and sets of records there are, and have expired, where one can ask. */
  count?(): Promise<{ readonly there: number; readonly expired: number }>;
  /** Closes it, and leaves what it has stored. */
  close(): Promise<void>;
  /** Closes it, and removes what it has stored. */
  remove(): Promise<void>;
}

/** Seconds: a machine that is busy, or a database that checkpoints, makes a slow figure, and not none. */
export const PATIENCE = 60;

/** Seconds to the first purge, about. */
const SOON = 1;

/** So long that nothing is purged before it is asked for. */
const NEVER = { purgeInterval: 1_000_000 } as const;

const nothing = async (): Promise<void> => {};

function openMemory(): OpenStore {
  const store = memoryStore({ max: Number.MAX_SAFE_INTEGER });
  const size = async (): Promise<number> => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  return {
    store,
    address: '',
    write: (logins, now) => writeEach(store, logins, now),
    size,
    settle: nothing,
    purge: async () => Date.now(), // each write removes some
    close: () => store.close(),
    remove: () => store.close(),
  };
}

function openLMDB(address: string): OpenStore {
  const directory = address || mkdtempSync(join(tmpdir(), 'koauthorize-growth-'));
  const path = join(directory, 'tokens');
  const stores = [lmdbStore({ path, ...NEVER })];
  const [store = memoryStore()] = stores;
  const close = async (): Promise<void> => {
    for (const each of stores) await each.close();
  };
  return {
    store,
    address: directory,
    write: (logins, now) => writeEach(store, logins, now),
    size: async () => statSync(join(path, 'data.mdb')).size,
    settle: nothing,
    async purge() {
      const purging = lmdbStore({ path, purgeInterval: SOON });
      stores.push(purging);
      await purging.get('no.record', 0);
      return Date.now();
    },
    close,
    async remove() {
      await close();
      rmSync(directory, { recursive: true });
    },
  };
}

function openPostgres(address: string): OpenStore {
  const pool = new Pool({ ...JSON.parse(address), max: 20 });
  pool.on('error', () => {}); // the server is ended first
  const tables = ['koauthorize_growth', 'koauthorize_growth_revoked', 'koauthorize_growth_schema'];
  const [table = ''] = tables;
  const options = { pool, table, timeout: PATIENCE };
  const stores = [postgresStore({ ...options, ...NEVER })];
  const [store = memoryStore()] = stores;
  const close = async (): Promise<void> => {
    for (const each of stores) await each.close();
    await pool.end();
  };
  return {
    store,
    address,
    write: (logins) => writeRows(pool, table, logins),
    async size() {
      const sizes = tables.map((each) => `pg_total_relation_size('${each}')`).join(' + ');
      const { rows } = await pool.query(`SELECT (${sizes})::float8 AS size`);
      return rows[0].size;
    },
    async settle() {
      await pool.query(`VACUUM ANALYZE ${table}`); // else autovacuum does it, in the middle of a round
      await pool.query('CHECKPOINT');
    },
    async purge() {
      const purging = postgresStore({ ...options, purgeInterval: SOON });
      stores.push(purging);
      await purging.get('no.record', 0);
      return Date.now();
    },
    close,
    async remove() {
      await pool.query(`DROP TABLE ${tables.join(', ')}`);
      await close();
    },
  };
}

/** Lets all keys expire at one moment that live for more than a quarter of an hour: those that are in use live shorter. ARGV: a cursor, epoch milliseconds. */
const EXPIRE = `
  local page = redis.call('SCAN', ARGV[1], 'COUNT', 5000)
  for _, key in ipairs(page[2]) do
    if redis.call('PTTL', key) > 900000 then redis.call('PEXPIREAT', key, ARGV[2]) end
  end
  return page[1]`;

/** Milliseconds that telling all keys takes at most: what is told later is removed at once, which is not what is measured. */
const TELLING = 60_000;

/** Of a server that is started for this: it is emptied. */
async function openRedis(address: string): Promise<OpenStore> {
  const client = createClient({ url: address });
  client.on('error', () => {}); // the server is ended first
  await client.connect();
  const store = redisStore({ client, timeout: PATIENCE });
  const close = async (): Promise<void> => {
    await store.close();
    client.destroy();
  };
  return {
    store,
    address,
    write: (logins, now) => writeEach(store, logins, now),
    size: async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]),
    settle: nothing,
    async purge() {
      const end = Date.now() + TELLING;
      let cursor = '0';
      do cursor = String(await client.eval(EXPIRE, { arguments: [cursor, `${end}`] }));
      while (cursor !== '0');
      if (Date.now() > end) throw new Error('The keys were told too late when to expire');
      return end;
    },
    async count() {
      const expired = Number(/expired_keys:(\d+)/.exec(await client.info('stats'))?.[1]);
      return { there: await client.dbSize(), expired };
    },
    close,
    async remove() {
      await client.flushAll();
      await close();
    },
  };
}

/** @param address where its database answers, or its records are; nothing for a new LMDB */
export async function openStore(name: StoreName, address: string): Promise<OpenStore> {
  if (name === 'memory') return openMemory();
  if (name === 'lmdb') return openLMDB(address);
  return name === 'postgres' ? openPostgres(address) : await openRedis(address);
}
