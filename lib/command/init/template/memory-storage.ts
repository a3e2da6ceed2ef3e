/** The storage of a new project, in memory. */
import { storageTypes } from './storage-types.js';

export const memoryStorage = `/** What the server keeps, in memory: lost when the process ends. */
import { memoryStore⟦, type TokenStore⟧ } from 'koauthorize/tokens';

${storageTypes}const MOST_SESSIONS = 10_000;

export async function openStorage()⟦: Promise<Storage>⟧ {
  const tokens = memoryStore();
  const kept = new Map⟦<string, { session: object; endsAt: number }>⟧();
  return {
    tokens,
    sessions: {
      async get(key) {
        const found = kept.get(key);
        return found && found.endsAt > Date.now() ? structuredClone(found.session) : undefined;
      },
      async set(key, session, maxAge, request) {
        if (isSent(key, request) && !kept.has(key)) return;
        kept.delete(key); // a key that is set again is then the last of the map
        for (const [oldest, { endsAt }] of kept) {
          if (endsAt > Date.now() && kept.size < MOST_SESSIONS) break;
          kept.delete(oldest);
        }
        kept.set(key, { session: structuredClone(session), endsAt: Date.now() + maxAge });
      },
      async destroy(key) {
        kept.delete(key);
      },
    },
    async close() {
      await tokens.close();
    },
  };
}
`;
