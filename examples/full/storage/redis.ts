/** A Redis that any number of machines share. It ends values by itself, and executes one command after the other: each of these is atomic. */
import { redisStore } from 'koauthorize/tokens';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import { answered, type Collections, type Complain, type Documents, type Storage } from './index.js';

async function connect(url: string, complain: Complain) {
  let wasThere = false;
  // at the start whoever set the URL wants to know that nobody is there; later on it is tried again and again
  const reconnectStrategy = (retries: number, cause: Error) => (wasThere ? Math.min(retries * 100, 2000) : cause);
  const client = createClient({ url, socket: { reconnectStrategy }, commandOptions: { timeout: 5000 } }); // else commands wait for as long as Redis is away
  client.on('error', complain); // without a listener, a connection that breaks ends the process
  await client.connect();
  wasThere = true;
  return client;
}
type Redis = Awaited<ReturnType<typeof connect>>;

const parse = (text: string | null | undefined): unknown => (typeof text === 'string' ? JSON.parse(text) : undefined);

function documentsIn(client: Redis, full: (key: string) => string): Documents {
  return {
    get: async (key) => parse(await answered(client.get(full(key)))),
    async set(key, value, seconds) {
      const expiration = { type: 'PX', value: Math.ceil(seconds * 1000) } as const;
      await answered(client.set(full(key), JSON.stringify(value), { expiration }));
    },
    async replace(key, value) {
      await answered(client.set(full(key), JSON.stringify(value), { condition: 'XX', expiration: 'KEEPTTL' }));
    },
    remove: async (key) => (await answered(client.del(full(key)))) === 1,
  };
}

/** A collection is a hash. */
function collectionsIn(client: Redis, full: (collection: string) => string): Collections {
  return {
    get: async (collection, id) => parse(await answered(client.hGet(full(collection), id))),
    async list(collection) {
      const all = Object.entries(await answered(client.hGetAll(full(collection))));
      return new Map(all.map(([id, text]) => [id, parse(text)]));
    },
    async put(collection, id, value) {
      await answered(client.hSet(full(collection), id, JSON.stringify(value)));
    },
    add: async (collection, id, value) =>
      (await answered(client.hSetNX(full(collection), id, JSON.stringify(value)))) === 1,
    remove: async (collection, id) => (await answered(client.hDel(full(collection), id))) === 1,
  };
}

export async function redis(url: string, name: string, complain: Complain): Promise<Storage> {
  const client = await connect(url, complain);
  const tokens = redisStore({ client, prefix: `${name}:tokens` });
  return {
    tokens,
    documents: documentsIn(client, (key) => `${name}:documents:${key}`),
    collections: collectionsIn(client, (collection) => `${name}:collections:${collection}`),
    limiter: (limit) =>
      new RateLimiterRedis({
        storeClient: client,
        useRedisPackage: true,
        keyPrefix: `${name}:limits:${limit.name}`,
        points: limit.points,
        duration: limit.seconds,
      }),
    ping: async () => void (await answered(client.ping())),
    async close() {
      await tokens.close();
      await client.close();
    },
  };
}
