/** The storage of a new project, in LMDB. */
import { storageTypes } from './storage-types.js';

export const lmdbStorage = `/** What the server keeps, in a directory of this machine: several processes may share it. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { lmdbStore⟦, type TokenStore⟧ } from 'koauthorize/tokens';
import { open } from 'lmdb';

${storageTypes}/** Keys are stored as hashes: a reader of the directory must not learn a key that a browser could send. */
const hashed = (key⟦: string⟧) => createHash('sha256').update(key).digest('base64url');

export async function openStorage(directory = process.env['DATA'] || 'data')⟦: Promise<Storage>⟧ {
  mkdirSync(directory, { recursive: true });
  const tokens = lmdbStore({ path: join(directory, 'tokens') });
  const kept = open⟦<{ session: object; endsAt: number }, string>⟧({ path: join(directory, 'sessions') });
  const purge = async () => {
    for (const { key, value } of kept.getRange({ snapshot: false })) if (value.endsAt < Date.now()) await kept.remove(key);
  };
  const purging = setInterval(() => void purge().catch(console.error), 60_000).unref();
  return {
    tokens,
    sessions: {
      async get(key) {
        const found = kept.get(hashed(key));
        return found && found.endsAt > Date.now() ? found.session : undefined;
      },
      async set(key, session, maxAge, request) {
        await kept.transaction(() => {
          if (isSent(key, request) && !kept.doesExist(hashed(key))) return;
          kept.put(hashed(key), { session, endsAt: Date.now() + maxAge });
        });
      },
      async destroy(key) {
        await kept.remove(hashed(key));
      },
    },
    async close() {
      clearInterval(purging);
      await Promise.all([tokens.close(), kept.close()]);
    },
  };
}
`;
