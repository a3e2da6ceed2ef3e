/** The storage of a new project, in PostgreSQL. */
import { storageTypes } from './storage-types.js';

export const postgresStorage = `/** What the server keeps, in PostgreSQL: DATABASE_URL says where. */
import { createHash } from 'node:crypto';
import { postgresStore⟦, type TokenStore⟧ } from 'koauthorize/tokens';
import { Pool } from 'pg';

${storageTypes}/** Keys are stored as hashes: a reader of the database must not learn a key that a browser could send. */
const hashed = (key⟦: string⟧) => createHash('sha256').update(key).digest('base64url');

// json, not jsonb, which refuses texts that a client may send, such as one with the character 0.
// Processes that start at the same moment take turns by the lock: IF NOT EXISTS alone lets two create the same table, and one of them fails.
const TABLE = \`SELECT pg_advisory_xact_lock(hashtext('sessions'));
CREATE TABLE IF NOT EXISTS sessions (key text PRIMARY KEY, session json NOT NULL, ends_at timestamptz NOT NULL);
CREATE INDEX IF NOT EXISTS sessions_ends_at ON sessions (ends_at)\`;
const PUT = \`INSERT INTO sessions VALUES ($1, $2, now() + $3 * interval '1 millisecond')
ON CONFLICT (key) DO UPDATE SET session = excluded.session, ends_at = excluded.ends_at\`;
const REPLACE = \`UPDATE sessions SET session = $2, ends_at = now() + $3 * interval '1 millisecond' WHERE key = $1\`;

export async function openStorage(connectionString = process.env['DATABASE_URL'] || 'postgres://localhost/postgres')⟦: Promise<Storage>⟧ {
  const pool = new Pool({ connectionString, connectionTimeoutMillis: 5000 });
  pool.on('error', console.error);
  await pool.query(TABLE); // several statements in one text are one transaction
  const tokens = postgresStore({ pool });
  const purge = () => pool.query('DELETE FROM sessions WHERE ends_at < now()');
  const purging = setInterval(() => void purge().catch(console.error), 60_000).unref();
  return {
    tokens,
    sessions: {
      async get(key) {
        const { rows } = await pool.query('SELECT session FROM sessions WHERE key = $1 AND ends_at > now()', [hashed(key)]);
        return rows[0]?.session;
      },
      async set(key, session, maxAge, request) {
        await pool.query(isSent(key, request) ? REPLACE : PUT, [hashed(key), JSON.stringify(session), maxAge]);
      },
      async destroy(key) {
        await pool.query('DELETE FROM sessions WHERE key = $1', [hashed(key)]);
      },
    },
    async close() {
      clearInterval(purging);
      await tokens.close();
      await pool.end();
    },
  };
}
`;
