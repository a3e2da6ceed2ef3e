/** Stores that reach their database through a proxy, which counts, delays and stops. */
import { postgresStore, redisStore, type TokenStore } from 'koauthorize/tokens';
import { Client, Pool } from 'pg';
import { createClient } from 'redis';
import { startPostgres } from './postgres.js';
import { startRedis } from './redis.js';
import { postgresCounter, redisCounter, startWire, type Wire } from './wire.js';

export interface WiredStore {
  readonly store: TokenStore;
  readonly wire: Wire;
  close(): Promise<void>;
}

export interface WiredOptions {
  /** Of the pool of PostgreSQL. */
  readonly connections?: number;
  /** Seconds. */
  readonly timeout?: number;
}

/** All connections are made before it returns. Undefined where there is no server. */
export async function wiredPostgres({
  connections = 8,
  timeout = 5,
}: WiredOptions = {}): Promise<WiredStore | undefined> {
  const server = await startPostgres();
  if (!server) return undefined;
  const { host, port, user, database, password } = new Client(server.config);
  const wire = await startWire({ host, port }, postgresCounter);
  const to = { host: '127.0.0.1', port: wire.port, user, database, max: connections, idleTimeoutMillis: 0 };
  const pool = new Pool(password ? { ...to, password } : to);
  pool.on('error', () => {});
  await Promise.all(Array.from({ length: connections }, () => pool.query('SELECT')));
  const table = `wired_${process.pid}`;
  const store = postgresStore({ pool, table, timeout, purgeInterval: 3600 }); // a purge would be counted
  return {
    store,
    wire,
    async close() {
      await store.close();
      await pool.query(`DROP TABLE IF EXISTS ${table}, ${table}_revoked, ${table}_schema`);
      await pool.end();
      await wire.close();
      await server.remove();
    },
  };
}

export async function wiredRedis({ timeout = 5 }: WiredOptions = {}): Promise<WiredStore | undefined> {
  const server = await startRedis();
  if (!server) return undefined;
  const url = new URL(server.urls[0] ?? '');
  const wire = await startWire({ host: url.hostname, port: Number(url.port || 6379) }, redisCounter);
  url.hostname = '127.0.0.1';
  url.port = `${wire.port}`;
  const client = createClient({ url: `${url}` });
  client.on('error', () => {});
  return {
    store: redisStore({ client: await client.connect(), prefix: `wired-${process.pid}`, timeout }),
    wire,
    async close() {
      client.destroy();
      await wire.close();
      await server.remove();
    },
  };
}
