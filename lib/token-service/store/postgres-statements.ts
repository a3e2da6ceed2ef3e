/** The SQL of a PostgreSQL store. Each call is one statement, and each statement is a transaction. */
import type { TableNames } from './postgres-schema.js';

const COLUMNS = 'id, kind, authorization_id, client_id, subject, expires_at, data';
const STORED = `${COLUMNS}, consumed_at, seal`;

/** Rows are passed as one JSON parameter, so that the same statement serves any number of them. */
const ROWS = `(id text, kind text, authorization_id text, client_id text, subject text, expires_at float8, data text, consumed_at float8)`;

/** The number of rows that a statement removes or reads at most. */
export interface SliceSizes {
  readonly purge: number;
  readonly revoke: number;
  readonly page: number;
}

export type StatementName = keyof ReturnType<typeof statements>;

/** The database's time in epoch seconds, when the expression is computed (`now()` would be the start of the transaction). */
export const TIME = 'extract(epoch FROM clock_timestamp())::float8';

/** The store's time. @param given the parameter that has the time of a test's clock, or null */
function clock(given: string): string {
  return `coalesce(${given}::float8, ${TIME})`;
}

/** SQLSTATE of the error that `inTime` raises: an invalid date. No other expression casts to a date. */
export const TOO_LATE = '22007';

/**
 * Raises an error after the deadline, so that the statement is rolled back. It must be the last expression that a statement computes: then
 * every wait (for a connection, or for the lock of a table or a row) is over. SQL has no function that raises an error, so this casts a text to a
 * date. The text appears in PostgreSQL's log.
 */
function inTime(deadline: string): string {
  return `CAST(CASE WHEN ${TIME} > ${deadline}::float8 THEN 'koauthorize: too late, nobody waits for this' END AS date)`;
}

/** Excludes rows of revoked authorizations, also rows that were stored after the revocation. This needs no lock. */
function unrevoked({ revoked }: TableNames): string {
  return `NOT EXISTS (SELECT FROM ${revoked} r WHERE r.authorization_id = t.authorization_id)`;
}

interface Insertion {
  readonly rows: string;
  readonly now: string;
  readonly given: string;
  readonly condition: string;
}

/** Stores rows. A row with an existing ID replaces the existing one only if that has expired by the store's clock and by the caller's. */
function insert({ tokens }: TableNames, { rows, now, given, condition }: Insertion): string {
  return `
    INSERT INTO ${tokens} AS old (${COLUMNS}, consumed_at)
    SELECT ${COLUMNS}, consumed_at FROM json_to_recordset(${rows}::json) AS t ${ROWS} WHERE ${condition}
    ON CONFLICT (id) DO UPDATE SET
      kind = excluded.kind, authorization_id = excluded.authorization_id, client_id = excluded.client_id,
      subject = excluded.subject, expires_at = excluded.expires_at, data = excluded.data,
      consumed_at = excluded.consumed_at, seal = NULL
    WHERE old.expires_at <= least(${now}::float8, ${clock(given)}) RETURNING 1`;
}

function put(names: TableNames): string {
  const insertion = { rows: '$1', now: '$2', given: '$3', condition: unrevoked(names) };
  return `
    WITH stored AS (${insert(names, insertion)})
    SELECT count(*)::int AS count, ${TIME} AS time, ${inTime('$4')} AS in_time FROM stored`;
}

/**
 * In READ COMMITTED, a statement sees what was committed before it began; of a row that it locks, it sees what was committed before it
 * got the lock. So this locks the row when it reads it: of two concurrent calls, the second waits for the first, and then sees its consumed_at
 * and seal. In a stricter isolation level the second one fails.
 *
 * The time is computed after the row is locked, so that it is never before the consumed_at that the call returns.
 */
function consume(names: TableNames): string {
  const { tokens } = names;
  const insertion = { rows: '$6', now: '$2', given: '$3', condition: 'EXISTS (SELECT FROM won)' };
  return `
    WITH live AS MATERIALIZED (
      SELECT ${STORED} FROM ${tokens} t WHERE id = $1 AND expires_at > $2 AND ${unrevoked(names)} FOR UPDATE OF t
    ), won AS (
      UPDATE ${tokens} t SET consumed_at = ${clock('$3')}, seal = $4, expires_at = least(t.expires_at, $5::float8) FROM live
      WHERE t.id = live.id AND live.consumed_at IS NULL RETURNING t.id, t.consumed_at, t.seal, t.expires_at
    ), successors AS (${insert(names, insertion)})
    SELECT live.id, kind, authorization_id, client_id, subject, data, won.id IS NOT NULL AS first,
      coalesce(won.expires_at, live.expires_at) AS expires_at, coalesce(won.consumed_at, live.consumed_at) AS consumed_at,
      coalesce(won.seal, live.seal) AS seal, coalesce(won.consumed_at, ${clock('$3')}) AS now,
      ${TIME} AS time, ${inTime('$7')} AS in_time
    FROM live CROSS JOIN (SELECT count(*) FROM successors) AS stored LEFT JOIN won ON true`;
}

/**
 * Stores the revocation before it deletes rows: two calls for one authorization then run one after the other, and cannot deadlock by locking
 * its rows in different orders. The revocation is kept for the duration that the caller gives, counted from the database's time if the
 * caller's clock is slow.
 */
function revoke({ tokens, revoked }: TableNames, slice: number): string {
  return `
    WITH mark AS (
      INSERT INTO ${revoked} AS old (authorization_id, until)
      VALUES ($1, greatest($2::float8, ${clock('$4')} + $2::float8 - $3::float8))
      ON CONFLICT (authorization_id) DO UPDATE SET until = greatest(old.until, excluded.until) RETURNING authorization_id
    ), slice AS MATERIALIZED (
      SELECT t.id FROM ${tokens} t JOIN mark ON t.authorization_id = mark.authorization_id LIMIT ${slice}
    ), removed AS (DELETE FROM ${tokens} WHERE id = ANY (ARRAY(SELECT id FROM slice)))
    SELECT count(*)::int AS count FROM slice`;
}

/** One row of each authorization. The inner query reads only IDs, so that only the rows of the result are read whole. */
function list(names: TableNames): string {
  const { tokens } = names;
  return `
    SELECT ${STORED} FROM ${tokens} t WHERE ${unrevoked(names)} AND id = ANY (ARRAY(
      SELECT DISTINCT ON (authorization_id) id FROM ${tokens}
      WHERE subject = $1 AND consumed_at IS NULL AND expires_at > $2 ORDER BY authorization_id, expires_at DESC
    ))`;
}

/**
 * Reads the next live rows after an ID and returns those of a client, each with the last ID that was read; no row at the end. The rows of one
 * authorization are neighbours, since their IDs begin with the same tag. If a page ends in the middle of an authorization, its last row is a
 * live one of it. So no authorization is missed, whatever is stored and consumed between two pages.
 */
function page(names: TableNames, rows: number): string {
  return `
    WITH page AS MATERIALIZED (
      SELECT ${STORED} FROM ${names.tokens} WHERE id > $1 AND expires_at > $2 ORDER BY id LIMIT ${rows}
    ), found AS (SELECT ${STORED} FROM page t WHERE client_id = $3 AND ${unrevoked(names)})
    SELECT last, ${STORED} FROM (SELECT max(id) AS last FROM page) AS page LEFT JOIN found ON true WHERE last IS NOT NULL`;
}

/** Reads the next live rows of an authorization after an ID. */
function family(names: TableNames, rows: number): string {
  return `
    SELECT ${STORED} FROM ${names.tokens} t WHERE authorization_id = $1 AND id > $2 AND expires_at > $3 AND ${unrevoked(names)}
    ORDER BY id LIMIT ${rows}`;
}

interface Purge {
  readonly table: string;
  readonly key: string;
  /** The column that has the end of a row. */
  readonly end: string;
  /** Which of the rows t to remove. */
  readonly condition: string;
}

/**
 * Removes the rows that ended first, from the time $3 on, and tells when the last of them ended. The next batch of the same purge begins there.
 * If each began at the first row, it would go through the index entries of all that was removed before, which remain until VACUUM, and
 * while a long transaction is open (such as a backup) it would have to look up the row of each.
 */
function purge({ table, key, end, condition }: Purge, batch: number): string {
  return `
    WITH removed AS (
      DELETE FROM ${table} WHERE ${key} = ANY (ARRAY(
        SELECT ${key} FROM ${table} t WHERE ${condition} AND ${end} >= $3::float8
        ORDER BY ${end} LIMIT ${batch} FOR UPDATE OF t SKIP LOCKED
      )) RETURNING ${end}
    ) SELECT count(*)::int AS count, max(${end}) AS last, ${TIME} AS time FROM removed`;
}

/** The time before which expired rows are removed. It is a subselect, so that it is computed once and an index can be used. */
const PURGED = `(SELECT ${clock('$1')} - $2::float8)`;

export function statements(names: TableNames, sizes: SliceSizes) {
  const { tokens, revoked } = names;
  // A sealed response must not be kept after keepUntil, so its row is removed without delay
  const expired = `expires_at <= (SELECT ${clock('$1')}) AND (seal IS NOT NULL OR expires_at <= ${PURGED})`;
  // A revocation is kept as long as there is a row that it hides
  const idle = `until <= ${PURGED} AND NOT EXISTS (SELECT FROM ${tokens} o WHERE o.authorization_id = t.authorization_id)`;
  return {
    put: put(names),
    get: `SELECT ${STORED} FROM ${tokens} t WHERE expires_at > $2 AND ${unrevoked(names)} AND id = $1`,
    consume: consume(names),
    remove: `DELETE FROM ${tokens} WHERE id = $1`,
    revoke: revoke(names, sizes.revoke),
    list: list(names),
    page: page(names, sizes.page),
    family: family(names, sizes.page),
    purge: purge({ table: tokens, key: 'id', end: 'expires_at', condition: expired }, sizes.purge),
    indexes: `SELECT i.relname AS name FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indisvalid AND x.indrelid IN ('${tokens}'::regclass, '${revoked}'::regclass)`,
    purge_revoked: purge({ table: revoked, key: 'authorization_id', end: 'until', condition: idle }, sizes.purge),
  };
}
