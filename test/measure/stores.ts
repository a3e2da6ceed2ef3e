/** Prints what a token takes in each store, and what an operation costs: `npx tsx test/measure/stores.ts`. Not run by the tests. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { createClient } from 'redis';
import { authorization } from '../../lib/testing/store-contract/subject.js';
import { lmdbStore } from '../../lib/token-service/store/lmdb.js';
import { memoryStore } from '../../lib/token-service/store/memory.js';
import { postgresStore } from '../../lib/token-service/store/postgres.js';
import { redisStore } from '../../lib/token-service/store/redis.js';
import type { TokenStore } from '../../lib/token-service/store.js';
import { startPostgres } from '../support/postgres.js';
import { startRedis } from '../support/redis.js';

const TOKENS = Number(process.argv[2] ?? 100_000);
const NOW = Math.floor(Date.now() / 1000);

/** As the token service writes them, more or less. */
const DATA = { scope: ['openid', 'profile', 'offline_access'], authTime: NOW, resource: 'https://api.example/v1' };

async function inParallel(count: number, workers: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return ((performance.now() - start) * 1000) / count;
}

async function measure(name: string, store: TokenStore, size: () => Promise<number> | number): Promise<void> {
  await store.get('a.b', NOW);
  const before = await size();
  const pairs = Array.from({ length: TOKENS / 2 }, () => {
    const { record } = authorization(NOW);
    return [record({ kind: 'access_token', data: DATA }), record({ data: DATA })];
  });
  const put = await inParallel(pairs.length, 50, (i) => store.put(pairs[i] ?? [], NOW));
  const bytes = ((await size()) - before) / TOKENS;
  const some = pairs.slice(0, 5000).map((pair) => pair[1]?.id ?? '');
  const one = await inParallel(300, 1, (i) => store.consume(some[i] ?? '', { now: NOW, seal: 'x' }));
  const consume = await inParallel(4000, 50, (i) => store.consume(some[i + 400] ?? '', { now: NOW, seal: 'x' }));
  const get = await inParallel(5000, 50, (i) => store.get(some[i] ?? '', NOW));
  const us = (value: number): string => `${value.toFixed(1)} us`;
  console.log(
    `${name}: ${bytes.toFixed(0)} bytes per token; put of two, 50 at once: ${us(put)}; consume, 50 at once: ${us(consume)}, ` +
      `one by one: ${us(one)}; get, 50 at once: ${us(get)}`,
  );
  await store.close();
}

const heap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};
await measure('memory', memoryStore({ max: TOKENS * 2 }), heap);

const directory = mkdtempSync(join(tmpdir(), 'koauthorize-measure-'));
await measure(
  'lmdb',
  lmdbStore({ path: join(directory, 'tokens') }),
  () => statSync(join(directory, 'tokens/data.mdb')).size,
);
rmSync(directory, { recursive: true });

const postgres = await startPostgres();
if (postgres) {
  const pool = new Pool({ ...postgres.config, max: 20 });
  const sizes = ['', '_revoked', '_schema'].map((suffix) => `pg_total_relation_size('koauthorize_tokens${suffix}')`);
  await measure('postgres', postgresStore({ pool }), async () => {
    const { rows } = await pool.query(`SELECT (${sizes.join(' + ')})::int AS size`);
    return rows[0].size;
  });
  await pool.end();
  await postgres.remove();
}

const redis = await startRedis();
if (redis) {
  const client = createClient({ url: redis.urls[0] ?? '' });
  await client.connect();
  await measure('redis', redisStore({ client }), async () =>
    Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]),
  );
  await client.close();
  await redis.remove();
}
