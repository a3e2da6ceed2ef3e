/** Each database with its two contestants, through a proxy for the bytes or without one. */
import { readFileSync } from 'node:fs';
import { postgresStore, redisStore } from 'koauthorize/tokens';
import { Client, Pool } from 'pg';
import { createClient } from 'redis';
import { freePort } from '../../test/support/free-port.js';
import { startPostgres } from '../../test/support/postgres.js';
import { startRedis } from '../../test/support/redis.js';
import { postgresCounter, redisCounter, startWire, type Wire } from '../../test/support/wire.js';
import { PATIENCE } from '../growth/stores.js';
import { byHandOnPostgres } from './by-hand-postgres.js';
import { byHandOnRedis } from './by-hand-redis.js';
import { CONNECTIONS, type Contestant, type UsedByDatabase } from './contestant.js';
import { toolkit } from './toolkit.js';

export interface Opened {
  readonly koauthorize: Contestant;
  readonly 'by hand': Contestant;
  /** koauthorize again, through a proxy that counts bytes. */
  readonly wired: Contestant;
  readonly wire: Wire;
  readonly used: UsedByDatabase;
  close(): Promise<void>;
}

/** Microseconds in a tick of /proc: Linux tells a hundred in a second to everyone. */
const TICK = 10_000;

function usedByProcess(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK;
  } catch {
    return 0; // it has ended
  }
}

export async function openPostgres(): Promise<Opened | undefined> {
  const server = await startPostgres([]);
  if (!server) return undefined;
  const { host, port, user, database } = new Client(server.config);
  const wire = await startWire({ host, port }, postgresCounter);
  const pool = new Pool({ ...server.config, max: CONNECTIONS });
  const wired = new Pool({ host: '127.0.0.1', port: wire.port, ...(user && { user }), ...(database && { database }) });
  for (const each of [pool, wired]) each.on('error', () => {});
  const options = { table: 'koauthorize_bench', timeout: PATIENCE };
  return {
    koauthorize: toolkit(postgresStore({ pool, ...options })),
    'by hand': await byHandOnPostgres(pool),
    wired: toolkit(postgresStore({ pool: wired, ...options })),
    wire,
    async used() {
      const { rows } = await pool.query<{ pid: number }>('SELECT pid FROM pg_stat_activity'); // those of the background, too
      return rows.reduce((sum, { pid }) => sum + usedByProcess(pid), 0);
    },
    async close() {
      for (const each of [pool, wired]) await each.end();
      await wire.close();
      await server.remove();
    },
  };
}

export async function openRedis(): Promise<Opened | undefined> {
  const server = await startRedis(await freePort()); // never one that was already there
  if (!server) return undefined;
  const url = new URL(server.urls[0] ?? '');
  const wire = await startWire({ host: url.hostname, port: Number(url.port) }, redisCounter);
  const client = createClient({ url: `${url}` });
  const wired = createClient({ url: `redis://127.0.0.1:${wire.port}` });
  for (const each of [client, wired]) await each.on('error', () => {}).connect();
  return {
    koauthorize: toolkit(redisStore({ client, timeout: PATIENCE })),
    'by hand': await byHandOnRedis(client),
    wired: toolkit(redisStore({ client: wired, timeout: PATIENCE })),
    wire,
    async used() {
      const info = await client.info('cpu');
      const seconds = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
      return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6;
    },
    async close() {
      for (const each of [client, wired]) each.destroy();
      await wire.close();
      await server.remove();
    },
  };
}
