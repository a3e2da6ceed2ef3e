/** The storage in PostgreSQL, which any number of machines can share. Only the clock of the database is used, since those of the machines may differ. */
import { postgresStore } from 'koauthorize/tokens';
import { Pool } from 'pg';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import { answered, type Collections, type Complain, type Documents, MOST_DOCUMENTS, type Storage } from './index.js';
import { sharedLimiter } from './limiters.js';

type Query = (text: string, ...values: unknown[]) => Promise<{ readonly rows: readonly Record<string, unknown>[] }>;

const tables = (name: string): string => `
  SELECT pg_advisory_xact_lock(hashtext('${name}')); -- processes start at once, and IF NOT EXISTS does not make them take turns
  CREATE TABLE IF NOT EXISTS ${name} (key text PRIMARY KEY, value json NOT NULL, ends_at timestamptz NOT NULL);
  CREATE INDEX IF NOT EXISTS ${name}_ends_at ON ${name} (ends_at);
  CREATE TABLE IF NOT EXISTS ${name}_collections (
    collection text, id text, value json NOT NULL, PRIMARY KEY (collection, id));
  CREATE TABLE IF NOT EXISTS ${name}_limits (key varchar(255) PRIMARY KEY, points integer NOT NULL DEFAULT 0, expire bigint)`;

function documentsIn(name: string, query: Query): Documents {
  const insert = `INSERT INTO ${name} VALUES ($1, $2, now() + make_interval(secs => $3))
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends_at = excluded.ends_at`;
  return {
    async get(key) {
      const { rows } = await query(`SELECT value FROM ${name} WHERE key = $1 AND ends_at > now()`, key);
      return rows[0]?.['value'];
    },
    set: async (key, value, seconds) => void (await query(insert, key, JSON.stringify(value), seconds)),
    async add(key, value, seconds) {
      // an expired value is in the table until it is purged
      const free = `${insert} WHERE ${name}.ends_at <= now() RETURNING key`;
      return (await query(free, key, JSON.stringify(value), seconds)).rows.length === 1;
    },
    async replace(key, value) {
      await query(`UPDATE ${name} SET value = $2 WHERE key = $1`, key, JSON.stringify(value));
    },
    async remove(key) {
      // the second of two concurrent calls waits for the lock of the row, and then finds no row
      const { rows } = await query(`DELETE FROM ${name} WHERE key = $1 AND ends_at > now() RETURNING key`, key);
      return rows.length === 1;
    },
  };
}

function collectionsIn(table: string, query: Query): Collections {
  const insert = `INSERT INTO ${table} VALUES ($1, $2, $3) ON CONFLICT (collection, id) DO`;
  return {
    async get(collection, id) {
      const { rows } = await query(`SELECT value FROM ${table} WHERE collection = $1 AND id = $2`, collection, id);
      return rows[0]?.['value'];
    },
    async list(collection) {
      const { rows } = await query(`SELECT id, value FROM ${table} WHERE collection = $1`, collection);
      return new Map(rows.map((row) => [String(row['id']), row['value']]));
    },
    async put(collection, id, value) {
      await query(`${insert} UPDATE SET value = excluded.value`, collection, id, JSON.stringify(value));
    },
    async add(collection, id, value) {
      const { rows } = await query(`${insert} NOTHING RETURNING id`, collection, id, JSON.stringify(value));
      return rows.length === 1;
    },
    async change(collection, id, before, next) {
      // the type json keeps the text that was written, so that equal values have equal texts
      const { rows } = await query(
        `UPDATE ${table} SET value = $4 WHERE collection = $1 AND id = $2 AND value::text = $3 RETURNING id`,
        collection,
        id,
        JSON.stringify(before),
        JSON.stringify(next),
      );
      return rows.length === 1;
    },
    async remove(collection, id) {
      const one = `DELETE FROM ${table} WHERE collection = $1 AND id = $2 RETURNING id`;
      return (await query(one, collection, id)).rows.length === 1;
    },
  };
}

/** Opens the storage. Documents above the limit are removed within a minute. @param most the most documents */
export async function postgres(
  connectionString: string,
  name: string,
  complain: Complain,
  most = MOST_DOCUMENTS,
): Promise<Storage> {
  const pool = new Pool({ connectionString, connectionTimeoutMillis: 2000, query_timeout: 5000 });
  pool.on('error', complain); // without a listener, a broken connection would end the process
  const tokens = postgresStore({ pool, table: `${name}_tokens` });
  await pool.query(tables(name)); // several statements in one text are one transaction
  const query: Query = (text, ...values) => answered(pool.query(text, values));
  // rows that another process is removing at this moment are skipped
  const over = `SELECT key FROM ${name} WHERE ends_at <= now() FOR UPDATE SKIP LOCKED`;
  const tooMany = `SELECT key FROM ${name} ORDER BY ends_at DESC OFFSET ${most} FOR UPDATE SKIP LOCKED`;
  return {
    tokens,
    documents: documentsIn(name, query),
    collections: collectionsIn(`${name}_collections`, query),
    limiter: (limit) =>
      sharedLimiter(
        new RateLimiterPostgres({
          storeClient: pool,
          storeType: 'pool',
          tableName: `${name}_limits`,
          tableCreated: true,
          keyPrefix: limit.name,
          points: limit.points,
          duration: limit.seconds,
        }),
      ),
    ping: async () => void (await query('SELECT 1')),
    async purge() {
      for (const keys of [over, tooMany]) await query(`DELETE FROM ${name} WHERE key IN (${keys})`);
    },
    async close() {
      await tokens.close();
      await pool.end();
    },
  };
}
