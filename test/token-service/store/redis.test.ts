import assert from 'node:assert/strict';
import { createClient, createCluster } from 'redis';
import { random } from '../../../lib/testing/store-contract/subject.js';
import { storeContract } from '../../../lib/testing/store-contract.js';
import { redisStore } from '../../../lib/token-service/store/redis.js';
import { skipStore } from '../../support/missing-server.js';
import { type Redis, startRedis, startRedisCluster } from '../../support/redis.js';

const prefix = `test-${random()}`;

async function keysAndValues(url: string): Promise<unknown[]> {
  const client = await createClient({ url }).connect();
  const keys = await client.keys(`${prefix}*`);
  const entries = keys.map(async (key) => {
    const value = (await client.type(key)) === 'zset' ? await client.zRange(key, 0, -1) : await client.get(key);
    return [key, value];
  });
  const found = await Promise.all(entries);
  await client.close();
  return found;
}

for (const [name, start] of [
  ['Redis', startRedis],
  ['a Redis cluster', startRedisCluster],
] as const) {
  describe(`redisStore on ${name}`, function () {
    this.timeout(30_000);
    const env: Record<string, string> = { PREFIX: prefix };
    let server: Redis | undefined;
    let client: ReturnType<typeof createClient> | ReturnType<typeof createCluster>;

    before(async function () {
      server = await start();
      if (!server) skipStore(this, name);
      const { urls } = server;
      env['URLS'] = JSON.stringify(urls);
      const [url = ''] = urls;
      client =
        urls.length > 1 ? createCluster({ rootNodes: urls.map((each) => ({ url: each })) }) : createClient({ url });
      client.on('error', () => {});
      await client.connect();
    });

    after(async () => {
      client?.destroy();
      await server?.remove();
    });

    const open = () => redisStore({ client, prefix });
    const dump = async () => {
      const entries = (await Promise.all((server?.urls ?? []).map(keysAndValues))).flat();
      // The records' keys divide an ID after its tag.
      return JSON.stringify(entries).replaceAll(/\{([\w-]+)\}:token:/g, '$1.');
    };
    const processes = { module: new URL('./workers/redis.ts', import.meta.url), env };
    storeContract({ describe, it }, { open, second: open, dump, processes });

    it('exists', () => assert.ok(client));
  });
}
