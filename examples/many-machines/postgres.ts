import { postgresStore } from 'koauthorize/tokens';
import { Pool } from 'pg';
import { answered, type Database } from './database.js';

/** One table for everything but the tokens. Its only clock is the database's: those of the machines may differ. */
const table = (name: string): string => `
  SELECT pg_advisory_xact_lock(hashtext('${name}')); -- processes start at once, and IF NOT EXISTS does not make them take turns
  CREATE TABLE IF NOT EXISTS ${name} (key text PRIMARY KEY, value json NOT NULL, ends_at timestamptz NOT NULL);
  CREATE INDEX IF NOT EXISTS ${name}_ends_at ON ${name} (ends_at)`;

export async function postgres(connectionString: string, name: string): Promise<Database> {
  const pool = new Pool({ connectionString, connectionTimeoutMillis: 2000, query_timeout: 5000 });
  pool.on('error', console.error); // without a listener, a connection that breaks ends the process
  const tokens = postgresStore({ pool, table: `${name}_tokens` });
  await pool.query(table(name)); // several statements in one text are one transaction

  const query = (text: string, ...values: unknown[]) => answered(pool.query<{ value?: unknown }>(text, values));
  const purge = (): void => {
    // rows that another process is removing just now are left to it
    const over = `SELECT key FROM ${name} WHERE ends_at <= now() FOR UPDATE SKIP LOCKED`;
    query(`DELETE FROM ${name} WHERE key IN (${over})`).catch(console.error); // and again in a minute
  };
  setInterval(purge, 60_000).unref();

  return {
    tokens,
    async get(key) {
      const { rows } = await query(`SELECT value FROM ${name} WHERE key = $1 AND ends_at > now()`, key);
      return rows[0]?.value;
    },
    async set(key, value, seconds) {
      await query(
        `INSERT INTO ${name} VALUES ($1, $2, now() + make_interval(secs => $3))
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends_at = excluded.ends_at`,
        key,
        JSON.stringify(value),
        seconds,
      );
    },
    async replace(key, value) {
      await query(`UPDATE ${name} SET value = $2 WHERE key = $1`, key, JSON.stringify(value));
    },
    async remove(key) {
      // the second of two waits for the row's lock, and then finds no row
      const { rows } = await query(`DELETE FROM ${name} WHERE key = $1 AND ends_at > now() RETURNING key`, key);
      return rows.length === 1;
    },
  };
}
