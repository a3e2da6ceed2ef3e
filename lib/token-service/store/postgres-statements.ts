/** The SQL of a PostgreSQL store. Each method of the store is one statement, and each statement a transaction. */
import type { TableNames } from './postgres-schema.js';

const COLUMNS = 'id, kind, authorization_id, client_id, subject, expires_at, data';
const STORED = `${COLUMNS}, consumed_at, seal`;

/** Rows come in as one parameter of JSON, so that a statement is the same for any number of them. */
const ROWS = `(id text, kind text, authorization_id text, client_id text, subject text, expires_at float8, data text)`;

export type StatementName = 'put' | 'get' | 'consume' | 'remove' | 'revoke' | 'list' | 'purge' | 'purge_revoked';

/**
 * A row of an authorization that was revoked does not count, whenever it came: nobody waits for anybody to make sure of that.
 *
 * READ COMMITTED: every statement sees what was committed before it began, and of a row that it locks, what is committed once it
 * has the lock. That is why `consume` reads the row by locking it. The second of two waits for the first, then sees its
 * consumed_at and its seal, and has nothing to win.
 */
export function statements({ tokens, revoked }: TableNames, batch: number): Readonly<Record<StatementName, string>> {
  const unrevoked = `NOT EXISTS (SELECT FROM ${revoked} r WHERE r.authorization_id = t.authorization_id)`;
  const insert = (parameter: string, now: string, condition: string): string => `
    INSERT INTO ${tokens} AS old (${COLUMNS})
    SELECT ${COLUMNS} FROM json_to_recordset(${parameter}::json) AS t ${ROWS} WHERE ${condition}
    ON CONFLICT (id) DO UPDATE SET
      kind = excluded.kind, authorization_id = excluded.authorization_id, client_id = excluded.client_id,
      subject = excluded.subject, expires_at = excluded.expires_at, data = excluded.data, consumed_at = NULL, seal = NULL
    WHERE old.expires_at <= ${now}`;
  return {
    put: insert('$1', '$2::float8', unrevoked),
    get: `SELECT ${STORED} FROM ${tokens} t WHERE id = $1 AND expires_at > $2 AND ${unrevoked}`,
    consume: `
      WITH live AS MATERIALIZED (
        SELECT ${STORED} FROM ${tokens} t WHERE id = $1 AND expires_at > $2 AND ${unrevoked} FOR UPDATE OF t
      ), won AS (
        UPDATE ${tokens} t SET consumed_at = $2, seal = $3 FROM live
        WHERE t.id = live.id AND live.consumed_at IS NULL RETURNING t.id, t.consumed_at, t.seal
      ), successors AS (${insert('$4', '$2', 'EXISTS (SELECT FROM won)')})
      SELECT live.id, kind, authorization_id, client_id, subject, expires_at, data, won.id IS NOT NULL AS first,
        coalesce(won.consumed_at, live.consumed_at) AS consumed_at, coalesce(won.seal, live.seal) AS seal
      FROM live LEFT JOIN won ON true`,
    remove: `DELETE FROM ${tokens} WHERE id = $1`,
    // The mark first: two that revoke one authorization take turns, instead of locking its rows in two orders.
    revoke: `
      WITH mark AS (
        INSERT INTO ${revoked} AS old (authorization_id, until) VALUES ($1, $2)
        ON CONFLICT (authorization_id) DO UPDATE SET until = greatest(old.until, excluded.until) RETURNING authorization_id
      )
      DELETE FROM ${tokens} t USING mark WHERE t.authorization_id = mark.authorization_id`,
    list: `
      SELECT ${STORED} FROM ${tokens} t WHERE subject = $1 AND expires_at > $2 AND consumed_at IS NULL AND ${unrevoked}`,
    purge: `
      DELETE FROM ${tokens} WHERE id = ANY (ARRAY(
        SELECT id FROM ${tokens} WHERE expires_at <= $1 ORDER BY expires_at LIMIT ${batch} FOR UPDATE SKIP LOCKED
      )) RETURNING 1`,
    purge_revoked: `
      DELETE FROM ${revoked} WHERE authorization_id = ANY (ARRAY(
        SELECT authorization_id FROM ${revoked} WHERE until <= $1 ORDER BY until LIMIT ${batch} FOR UPDATE SKIP LOCKED
      )) RETURNING 1`,
  };
}
