import { redisStore } from 'koauthorize/tokens';
import { createClient } from 'redis';
import { answered, type Database } from './database.js';

/** Redis ends every value by itself, and executes one command after the other: each of these is atomic. */
export async function redis(url: string, name: string): Promise<Database> {
  const client = createClient({ url, commandOptions: { timeout: 5000 } }); // else commands wait for as long as Redis is away
  client.on('error', console.error); // without a listener, a connection that breaks ends the process
  await client.connect();
  const full = (key: string): string => `${name}:${key}`;
  return {
    tokens: redisStore({ client, prefix: `${name}:tokens` }),
    async get(key) {
      const value = await answered(client.get(full(key)));
      return value === null ? undefined : JSON.parse(value);
    },
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
