/**
 * The storage in Redis, which any number of machines can share. Redis expires values by itself, and executes one command after the other, so that each command
 * is atomic.
 */
import { redisStore } from 'koauthorize/tokens';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import { answered, type Collections, type Complain, type Documents, MOST_DOCUMENTS, type Storage } from './index.js';
import { sharedLimiter } from './limiters.js';

async function connect(url: string, complain: Complain) {
  let wasThere = false;
  // at the start, a failed connection is an error, since the URL may be wrong; later, the client reconnects again and again
  const reconnectStrategy = (retries: number, cause: Error) => (wasThere ? Math.min(retries * 100, 2000) : cause);
  const client = createClient({ url, socket: { reconnectStrategy }, commandOptions: { timeout: 5000 } }); // else commands wait until Redis is back
  client.on('error', complain); // without a listener, a broken connection would end the process
  await client.connect();
  wasThere = true;
  return client;
}
type Redis = Awaited<ReturnType<typeof connect>>;

const parse = (text: string | null | undefined): unknown => (typeof text === 'string' ? JSON.parse(text) : undefined);

/** @param ends a sorted set of the documents by expiration, since Redis cannot count the keys of one kind */
function documentsIn(client: Redis, full: (key: string) => string, ends: string): Documents {
  const write = async (key: string, value: unknown, seconds: number, condition?: 'NX'): Promise<boolean> => {
    const expiration = { type: 'PX', value: Math.ceil(seconds * 1000) } as const;
    const stored = await answered(
      client.set(full(key), JSON.stringify(value), { expiration, ...(condition && { condition }) }),
    );
    if (stored) await answered(client.zAdd(ends, { score: Date.now() + seconds * 1000, value: key }));
    return stored !== null;
  };
  return {
    get: async (key) => parse(await answered(client.get(full(key)))),
    set: async (key, value, seconds) => void (await write(key, value, seconds)),
    add: (key, value, seconds) => write(key, value, seconds, 'NX'),
    async replace(key, value) {
      await answered(client.set(full(key), JSON.stringify(value), { condition: 'XX', expiration: 'KEEPTTL' }));
    },
    async remove(key) {
      const [removed] = await answered(Promise.all([client.del(full(key)), client.zRem(ends, key)]));
      return removed === 1;
    },
  };
}

/** A script, which Redis executes atomically. */
const CHANGE = `
  if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
  return 1`;

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
    async change(collection, id, before, next) {
      const values = [id, JSON.stringify(before), JSON.stringify(next)];
      return (await answered(client.eval(CHANGE, { keys: [full(collection)], arguments: values }))) === 1;
    },
    remove: async (collection, id) => (await answered(client.hDel(full(collection), id))) === 1,
  };
}

/** Opens the storage. Documents above the limit are removed within a minute; `maxmemory` limits the tokens. @param most the most documents */
export async function redis(url: string, name: string, complain: Complain, most = MOST_DOCUMENTS): Promise<Storage> {
  const client = await connect(url, complain);
  const document = (key: string): string => `${name}:documents:${key}`;
  const ends = `${name}:ends`;
  const tokens = redisStore({ client, prefix: `${name}:tokens` });
  return {
    tokens,
    documents: documentsIn(client, document, ends),
    collections: collectionsIn(client, (collection) => `${name}:collections:${collection}`),
    limiter: (limit) =>
      sharedLimiter(
        new RateLimiterRedis({
          storeClient: client,
          useRedisPackage: true,
          keyPrefix: `${name}:limits:${limit.name}`,
          points: limit.points,
          duration: limit.seconds,
        }),
      ),
    ping: async () => void (await answered(client.ping())),
    async purge() {
      await answered(client.zRemRangeByScore(ends, 0, Date.now())); // Redis has removed these documents by itself
      const tooMany = (await answered(client.zCard(ends))) - most;
      if (tooMany <= 0) return;
      const first = await answered(client.zPopMinCount(ends, tooMany));
      await answered(client.del(first.map(({ value }) => document(value))));
    },
    async close() {
      await tokens.close();
      await client.close();
    },
  };
}
