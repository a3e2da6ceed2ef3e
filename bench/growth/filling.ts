/** How many logins get into a store: by its own calls, or as the rows that these make. */
import type { TokenStore } from 'koauthorize/tokens';
import type { Pool } from 'pg';
import type { Login } from './bulk.js';

/** What a login does to a store, without what the token service does besides: a code is stored, and then spent for the others. */
async function write(store: TokenStore, [spent, ...next]: Login, now: number): Promise<void> {
  if (!spent) return;
  const { consumedAt: _, ...code } = spent;
  await store.put([code], now);
  if (!(await store.consume(code.id, { now, next }))?.first) throw new Error('The code was refused');
}

/** All at the same time: databases commit what comes together at once. */
export async function writeEach(store: TokenStore, logins: readonly Login[], now: number): Promise<void> {
  await Promise.all(logins.map((login) => write(store, login, now)));
}

const COLUMNS = 'id, kind, authorization_id, client_id, subject, expires_at, data, consumed_at';
const ROWS = `(id text, kind text, authorization_id text, client_id text, subject text, expires_at float8, data text, consumed_at float8)`;

/** The rows of many logins in one statement: the store has one for each call. */
export async function writeRows(pool: Pool, table: string, logins: readonly Login[]): Promise<void> {
  const rows = logins.flat().map((record) => ({
    id: record.id,
    kind: record.kind,
    authorization_id: record.authorizationID,
    client_id: record.clientID,
    subject: record.subject,
    expires_at: record.expiresAt,
    data: JSON.stringify(record.data),
    consumed_at: record.consumedAt,
  }));
  await pool.query(`INSERT INTO ${table} SELECT ${COLUMNS} FROM json_to_recordset($1::json) AS t ${ROWS}`, [
    JSON.stringify(rows),
  ]);
}
