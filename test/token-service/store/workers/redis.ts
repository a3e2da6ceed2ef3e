import { createClient, createCluster } from 'redis';
import { storeWorker } from '../../../../lib/testing/store-contract.js';
import { redisStore } from '../../../../lib/token-service/store/redis.js';

const urls: string[] = JSON.parse(process.env['URLS'] ?? '[]');
const [url = ''] = urls;
const client =
  urls.length > 1 ? createCluster({ rootNodes: urls.map((each) => ({ url: each })) }) : createClient({ url });
client.on('error', () => {});

storeWorker(
  async () => {
    await client.connect();
    return redisStore({ client, prefix: process.env['PREFIX'] });
  },
  () => client.close(),
);
