/** The PostgreSQL store, for any number of machines. */
import { requireTimeout } from '../../http/fetch-text.js';
import { type OptionNames, requireKnown } from '../../options.js';
import type { Consumed, Consumption, StoreClock, StoredRecord, TokenRecord, TokenStore } from '../store.js';
import { requireInTime } from './deadline.js';
import { checkRecords, checkSuccessors, isAuthorizationID, isID } from './id.js';
import { Database } from './postgres-database.js';
import type { PostgresPool } from './postgres-pool.js';
import { type Counted, type PurgedRows, type Row, toRecord, toRows, toText } from './postgres-rows.js';
import { indexNames } from './postgres-schema.js';
import type { StatementName } from './postgres-statements.js';
import { PURGE_OPTIONS, type PurgeOptions, purging, requirePurging } from './purging.js';

export type { PostgresPool } from './postgres-pool.js';

/** Options of `postgresStore()`. */
export interface PostgresStoreOptions extends PurgeOptions {
  /** The application closes it, and listens to its `error` event. */
  readonly pool: PostgresPool;
  /** The name of the table, with or without its schema. The names of the other tables begin with it. Default `koauthorize_tokens`. */
  readonly table?: string | undefined;
  /** Seconds to wait for an answer. A statement that would run later has no effect. Default 5. */
  readonly timeout?: number | undefined;
  /**
   * Whether the pool accepts pg's `{ name, text, values }`, and prepares each statement once per connection. Default: true if the pool has a
   * method `connect`, as those of pg have. Set it to `false` for a PgBouncer that pools transactions and cannot track prepared statements.
   */
  readonly prepare?: boolean | undefined;
  /**
   * The clock for the time of consumption, and for replacing and removing expired records. Default: the clock of the database, which all
   * machines share. A function is for tests. Deadlines always use the database's clock.
   */
  readonly clock?: StoreClock | undefined;
}

const KNOWN: OptionNames<PostgresStoreOptions> = {
  ...PURGE_OPTIONS,
  pool: true,
  table: true,
  timeout: true,
  prepare: true,
  clock: true,
};

/** Rows per statement, so that no statement holds its locks for long. */
const SIZES = { purge: 500, revoke: 2000, page: 1000 } as const;

const PURGE_DELAY_SECONDS = 60;

class PostgresStore implements TokenStore {
  readonly #options: PostgresStoreOptions;
  readonly #database: Database;
  #endPurging: (() => Promise<void>) | undefined;

  constructor(options: PostgresStoreOptions) {
    const { pool, table = 'koauthorize_tokens', timeout = 5, prepare = 'connect' in pool } = options;
    this.#options = options;
    this.#database = new Database({ pool, table, timeout, prepare, sizes: SIZES });
  }

  async put(records: readonly TokenRecord[], now: number, within?: number): Promise<boolean> {
    checkRecords(records);
    requireInTime(within);
    if (records.length === 0) return true;
    const [answer] = (await this.#runInTime('put', [toRows(records), now, this.#clock()], within)) as Counted[];
    return answer?.count === records.length;
  }

  async get(id: string, now: number): Promise<StoredRecord | undefined> {
    if (!isID(id)) return undefined;
    const [row] = (await this.#run('get', [id, now])) as Row[];
    return row && toRecord(row);
  }

  async consume(id: string, consumption: Consumption): Promise<Consumed | undefined> {
    const { now, seal, next = [], keepUntil = null, within } = consumption;
    checkSuccessors(id, next);
    requireInTime(within);
    if (!isID(id)) return undefined;
    const values = [id, now, this.#clock(), seal === undefined ? null : toText(seal), keepUntil, toRows(next)];
    const [row] = (await this.#runInTime('consume', values, within)) as (Row & Omit<Consumed, 'record'>)[];
    const record = row && toRecord(row);
    return record && { first: row.first, record, now: row.now };
  }

  async remove(id: string): Promise<void> {
    if (isID(id)) await this.#run('remove', [id]);
  }

  /** After the first statement, no record of the authorization can be read. Further statements delete the rest. */
  async revoke(authorizationID: string, until: number, now: number): Promise<void> {
    if (!isAuthorizationID(authorizationID)) return;
    let found: number;
    do {
      const [answer] = (await this.#run('revoke', [authorizationID, until, now, this.#clock()])) as Counted[];
      found = answer?.count ?? 0;
    } while (found >= SIZES.revoke);
  }

  async list(subject: string, now: number): Promise<readonly StoredRecord[]> {
    const rows = (await this.#run('list', [toText(subject), now])) as Row[];
    return rows.map(toRecord).filter((record) => record !== undefined);
  }

  async *listByClient(clientID: string, now: number): AsyncIterable<StoredRecord> {
    let last: string | undefined = '';
    while (last !== undefined) {
      const rows = (await this.#run('page', [last, now, toText(clientID)])) as ((Row | { id: null }) & {
        last: string;
      })[];
      for (const row of rows) {
        const record = row.id === null ? undefined : toRecord(row);
        if (record) yield record;
      }
      last = rows[0]?.last;
    }
  }

  async *listByAuthorization(authorizationID: string, now: number): AsyncIterable<StoredRecord> {
    let last: string | undefined = isAuthorizationID(authorizationID) ? '' : undefined;
    while (last !== undefined) {
      const rows: readonly Row[] = (await this.#run('family', [authorizationID, last, now])) as Row[];
      yield* rows.map(toRecord).filter((record) => record !== undefined);
      last = rows.length < SIZES.page ? undefined : rows.at(-1)?.id;
    }
  }

  async lacks(): Promise<readonly string[]> {
    const { table = 'koauthorize_tokens' } = this.#options;
    const found = new Set(((await this.#run('indexes', [])) as { readonly name: string }[]).map(({ name }) => name));
    return indexNames(table)
      .filter((name) => !found.has(name))
      .map((name) => `${table} has no index ${name}`);
  }

  async close(): Promise<void> {
    await this.#endPurging?.();
  }

  /** The time for the statements. Null means the database's own clock. */
  #clock(): number | null {
    const { clock = 'database' } = this.#options;
    return clock === 'database' ? null : clock();
  }

  #run(name: StatementName, values: readonly unknown[]): Promise<readonly unknown[]> {
    this.#beginPurging();
    return this.#database.run(name, values);
  }

  #runInTime(name: StatementName, values: readonly unknown[], within?: number): Promise<readonly unknown[]> {
    this.#beginPurging();
    return this.#database.runInTime(name, values, within);
  }

  #beginPurging(): void {
    this.#endPurging ??= purging(() => this.#purge(), this.#options);
  }

  async *#purge(): AsyncGenerator<void> {
    const { purgeDelay = PURGE_DELAY_SECONDS } = this.#options;
    for (const name of ['purge', 'purge_revoked'] as const) {
      let from: number | null | undefined = Number.NEGATIVE_INFINITY;
      while (from != null) {
        const values = [this.#clock(), purgeDelay, from];
        const [rows] = (await this.#database.run(name, values)) as PurgedRows[];
        from = rows?.count === SIZES.purge ? rows.last : undefined;
        yield;
      }
    }
  }
}

/**
 * Keeps tokens in PostgreSQL, for any number of machines. It creates its tables at the first call. What it stores is as durable as the commits of
 * the database: with the default of `synchronous_commit`, neither a crash nor a power cut loses a call that has resolved.
 *
 * Statements that write contain their deadline: if the caller of `put` or `consume` gives up while the statement waits for a connection or a
 * lock, it has no effect later. The store uses the clock of the database, so that a machine with a wrong clock removes nothing that others
 * still need.
 *
 * @returns a store whose methods throw a `StoreUnavailableError`, with its cause, if the database does not answer
 * @throws {TypeError} if `table` is not a valid name, or a time is not a number within its bounds
 * @example
 * const pool = new Pool({ connectionTimeoutMillis: 2000 });
 * pool.on('error', (error) => console.error(error)); // without a listener, a connection that breaks ends the process
 * tokenService({ store: postgresStore({ pool }) });
 * @see {@link https://node-postgres.com/apis/pool | pg.Pool}
 */
export function postgresStore(options: PostgresStoreOptions): TokenStore {
  requireKnown<PostgresStoreOptions>(options, KNOWN, 'postgresStore');
  requirePurging(options, 'postgresStore');
  requireTimeout('postgresStore({ timeout })', options.timeout ?? 5);
  return new PostgresStore(options);
}
