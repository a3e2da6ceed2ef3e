/** The storage of a new project, in Redis. */
import { storageTypes } from './storage-types.js';

export const redisStorage = `/** What the server keeps, in Redis 6 or newer, with \`maxmemory-policy noeviction\`: REDIS_URL says where. */
import { createHash } from 'node:crypto';
import { redisStore⟦, type TokenStore⟧ } from 'koauthorize/tokens';
import { createClient } from 'redis';

${storageTypes}/** Keys are stored as hashes: a reader of the database must not learn a key that a browser could send. */
const hashed = (key⟦: string⟧) => \`session:\${createHash('sha256').update(key).digest('base64url')}\`;

export async function openStorage(url = process.env['REDIS_URL'] || 'redis://localhost:6379')⟦: Promise<Storage>⟧ {
  const client = createClient({ url });
  client.on('error', console.error);
  await client.connect();
  const tokens = redisStore({ client });
  return {
    tokens,
    sessions: {
      async get(key) {
        const found = await client.get(hashed(key));
        return found ? JSON.parse(found) : undefined;
      },
      async set(key, session, maxAge, request) {
        await client.set(hashed(key), JSON.stringify(session), {
          expiration: { type: 'PX', value: maxAge },
          ...(isSent(key, request) && { condition: 'XX' }),
        });
      },
      async destroy(key) {
        await client.del(hashed(key));
      },
    },
    async close() {
      await tokens.close();
      await client.close();
    },
  };
}
`;
