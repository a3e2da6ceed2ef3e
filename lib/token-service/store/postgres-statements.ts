/** The SQL of a PostgreSQL store. Each is one statement, and each statement a transaction. */
import type { TableNames } from './postgres-schema.js';

const COLUMNS = 'id, kind, authorization_id, client_id, subject, expires_at, data';
const STORED = `${COLUMNS}, consumed_at, seal`;

/** Rows come in as one parameter of JSON, so that a statement is the same for any number of them. */
const ROWS = `(id text, kind text, authorization_id text, client_id text, subject text, expires_at float8, data text, consumed_at float8)`;

/** How many rows a statement removes or reads at most. */
export interface SliceSizes {
  readonly purge: number;
  readonly revoke: number;
  readonly page: number;
}

export type StatementName = keyof ReturnType<typeof statements>;

/** The database's time, in epoch seconds, at the moment when this is computed: not when the statement began. */
export const TIME = 'extract(epoch FROM clock_timestamp())::float8';

/** The store's time. @param given the parameter with the time of a test, or with null */
function clock(given: string): string {
  return `coalesce(${given}::float8, ${TIME})`;
}

/** SQLSTATE of a text that is no date: only `inTime` asks for one. */
export const TOO_LATE = '22007';

/**
 * Ends the statement with an error when it is too late, so that it is rolled back. It has to be the last that a statement computes: then
 * every wait (for a connection, for the lock of a table or of a row) is over. SQL has no function that raises an error; a text that is no
 * date raises one, and appears in PostgreSQL's log.
 */
function inTime(deadline: string): string {
  return `CAST(CASE WHEN ${TIME} > ${deadline}::float8 THEN 'koauthorize: too late, nobody waits for this' END AS date)`;
}

/** A row of an authorization that was revoked does not count, whenever it came: nobody waits for anybody to make sure of that. */
function unrevoked({ revoked }: TableNames): string {
  return `NOT EXISTS (SELECT FROM ${revoked} r WHERE r.authorization_id = t.authorization_id)`;
}

interface Insertion {
  readonly rows: string;
  readonly now: string;
  readonly given: string;
  readonly condition: string;
}

/** A row is stored once, and takes the place of none but one that expired by the store's clock and by the caller's. */
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
 * READ COMMITTED: every statement sees what was committed before it began, and of a row that it locks, what is committed once it
 * has the lock. That is why this reads the row by locking it. The second of two waits for the first, then sees its consumed_at and
 * its seal, and has nothing to win. Under a stricter isolation it fails instead.
 *
 * The time is read once the row is locked: whoever was not first is told a later one than the consumed_at that it sees.
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
 * The mark first: two that revoke one authorization take turns, instead of locking its rows in two orders. It is kept for as long as the
 * caller says, but counted from the database's time where the caller's clock is behind.
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

/** One row of each authorization, found by its IDs alone: only what is answered is read whole. */
function list(names: TableNames): string {
  const { tokens } = names;
  return `
    SELECT ${STORED} FROM ${tokens} t WHERE ${unrevoked(names)} AND id = ANY (ARRAY(
      SELECT DISTINCT ON (authorization_id) id FROM ${tokens}
      WHERE subject = $1 AND consumed_at IS NULL AND expires_at > $2 ORDER BY authorization_id, expires_at DESC
    ))`;
}

/**
 * What is a client's among the live rows that come next after an ID, with the last of those IDs; no row at the end. IDs of one
 * authorization begin alike and stand together. So where a page ends in the middle of one, the page's last row is a live one of it: it is
 * not missed, whatever is put and consumed between two pages.
 */
function page(names: TableNames, rows: number): string {
  return `
    WITH page AS MATERIALIZED (
      SELECT ${STORED} FROM ${names.tokens} WHERE id > $1 AND expires_at > $2 ORDER BY id LIMIT ${rows}
    ), found AS (SELECT ${STORED} FROM page t WHERE client_id = $3 AND ${unrevoked(names)})
    SELECT last, ${STORED} FROM (SELECT max(id) AS last FROM page) AS page LEFT JOIN found ON true WHERE last IS NOT NULL`;
}

/** @param condition which of the rows t to remove */
function purge(table: string, key: string, order: string, condition: string, batch: number): string {
  return `
    WITH removed AS (
      DELETE FROM ${table} WHERE ${key} = ANY (ARRAY(
        SELECT ${key} FROM ${table} t WHERE ${condition} ORDER BY ${order} LIMIT ${batch} FOR UPDATE OF t SKIP LOCKED
      )) RETURNING 1
    ) SELECT count(*)::int AS count, ${TIME} AS time FROM removed`;
}

/** In a subselect, so that it is computed once, and an index can be searched for it. */
const PURGED = `(SELECT ${clock('$1')} - $2::float8)`;

export function statements(names: TableNames, sizes: SliceSizes) {
  const { tokens, revoked } = names;
  // A sealed answer does not outlive its window.
  const expired = `expires_at <= (SELECT ${clock('$1')}) AND (seal IS NOT NULL OR expires_at <= ${PURGED})`;
  // A mark outlives all that it hides.
  const idle = `until <= ${PURGED} AND NOT EXISTS (SELECT FROM ${tokens} o WHERE o.authorization_id = t.authorization_id)`;
  return {
    put: put(names),
    get: `SELECT ${STORED} FROM ${tokens} t WHERE expires_at > $2 AND ${unrevoked(names)} AND id = $1`,
    consume: consume(names),
    remove: `DELETE FROM ${tokens} WHERE id = $1`,
    revoke: revoke(names, sizes.revoke),
    list: list(names),
    page: page(names, sizes.page),
    purge: purge(tokens, 'id', 'expires_at', expired, sizes.purge),
    purge_revoked: purge(revoked, 'authorization_id', 'until', idle, sizes.purge),
  };
}
