/** The SQL of a PostgreSQL store. Each method of the store is one statement, and each statement a transaction. */
import type { TableNames } from './postgres-schema.js';

const COLUMNS = 'id, kind, authorization_id, client_id, subject, expires_at, data';
const STORED = `${COLUMNS}, consumed_at, seal`;

/** Rows come in as one parameter of JSON, so that a statement is the same for any number of them. */
const ROWS = `(id text, kind text, authorization_id text, client_id text, subject text, expires_at float8, data text)`;

export type StatementName = 'put' | 'get' | 'consume' | 'remove' | 'revoke' | 'list' | 'purge' | 'purge_revoked';

/** A row of an authorization that was revoked does not count, whenever it came: nobody waits for anybody to make sure of that. */
function unrevoked({ revoked }: TableNames): string {
  return `NOT EXISTS (SELECT FROM ${revoked} r WHERE r.authorization_id = t.authorization_id)`;
}

/** A row is stored once, and takes the place of none but an expired one. */
function insert({ tokens }: TableNames, rows: string, now: string, condition: string): string {
  return `
    INSERT INTO ${tokens} AS old (${COLUMNS})
    SELECT ${COLUMNS} FROM json_to_recordset(${rows}::json) AS t ${ROWS} WHERE ${condition}
    ON CONFLICT (id) DO UPDATE SET
      kind = excluded.kind, authorization_id = excluded.authorization_id, client_id = excluded.client_id,
      subject = excluded.subject, expires_at = excluded.expires_at, data = excluded.data, consumed_at = NULL, seal = NULL
    WHERE old.expires_at <= ${now}`;
}

/**
 * READ COMMITTED: every statement sees what was committed before it began, and of a row that it locks, what is committed once it
 * has the lock. That is why this reads the row by locking it. The second of two waits for the first, then sees its consumed_at and
 * its seal, and has nothing to win. Under a stricter isolation it fails instead.
 */
function consume(names: TableNames): string {
  const { tokens } = names;
  return `
    WITH live AS MATERIALIZED (
      SELECT ${STORED} FROM ${tokens} t WHERE id = $1 AND expires_at > $2 AND ${unrevoked(names)} FOR UPDATE OF t
    ), won AS (
      UPDATE ${tokens} t SET consumed_at = $2, seal = $3 FROM live
      WHERE t.id = live.id AND live.consumed_at IS NULL RETURNING t.id, t.consumed_at, t.seal
    ), successors AS (${insert(names, '$4', '$2', 'EXISTS (SELECT FROM won)')})
    SELECT live.id, kind, authorization_id, client_id, subject, expires_at, data, won.id IS NOT NULL AS first,
      coalesce(won.consumed_at, live.consumed_at) AS consumed_at, coalesce(won.seal, live.seal) AS seal
    FROM live LEFT JOIN won ON true`;
}

/** The mark first: two that revoke one authorization take turns, instead of locking its rows in two orders. */
function revoke({ tokens, revoked }: TableNames): string {
  return `
    WITH mark AS (
      INSERT INTO ${revoked} AS old (authorization_id, until) VALUES ($1, $2)
      ON CONFLICT (authorization_id) DO UPDATE SET until = greatest(old.until, excluded.until) RETURNING authorization_id
    )
    DELETE FROM ${tokens} t USING mark WHERE t.authorization_id = mark.authorization_id`;
}

function purge(table: string, key: string, expiry: string, batch: number): string {
  return `
    DELETE FROM ${table} WHERE ${key} = ANY (ARRAY(
      SELECT ${key} FROM ${table} WHERE ${expiry} <= $1 ORDER BY ${expiry} LIMIT ${batch} FOR UPDATE SKIP LOCKED
    )) RETURNING 1`;
}

/** @param batch how many rows one purge removes at most */
export function statements(names: TableNames, batch: number): Readonly<Record<StatementName, string>> {
  const { tokens, revoked } = names;
  const live = `SELECT ${STORED} FROM ${tokens} t WHERE expires_at > $2 AND ${unrevoked(names)}`;
  return {
    put: insert(names, '$1', '$2::float8', unrevoked(names)),
    get: `${live} AND id = $1`,
    consume: consume(names),
    remove: `DELETE FROM ${tokens} WHERE id = $1`,
    revoke: revoke(names),
    list: `${live} AND subject = $1 AND consumed_at IS NULL`,
    purge: purge(tokens, 'id', 'expires_at', batch),
    purge_revoked: purge(revoked, 'authorization_id', 'until', batch),
  };
}
