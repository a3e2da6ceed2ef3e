/** Runs the statements of the PostgreSQL store, with a timeout. */
import { hash } from 'node:crypto';
import { StoreUnavailableError } from '../store.js';
import { here, tooLate, within } from './deadline.js';
import { type Ask, type PostgresPool, queryOf } from './postgres-pool.js';
import { migration, tableNames } from './postgres-schema.js';
import { type SliceSizes, type StatementName, statements, TIME, TOO_LATE } from './postgres-statements.js';
import { DatabaseTime } from './postgres-time.js';

/**
 * The share of its time that a statement may wait for a connection. Requests first read and then write: if there are too few connections, reads give
 * up early, so that requests that have read still have time to write. A statement that is not named here is sent however late it is.
 */
const SHARES: Readonly<Partial<Record<StatementName, number>>> = { get: 0.5, list: 0.5, page: 0.5, put: 1, consume: 1 };

/**
 * How long a silent connection is kept open, as a multiple of the time that the caller waits. If others hold a lock for longer, each statement that waits for
 * the lock costs the database a connection, since the pool opens another one in its place.
 */
const SILENCE = 10;

interface DatabaseOptions {
  readonly pool: PostgresPool;
  readonly table: string;
  /** Seconds. */
  readonly timeout: number;
  readonly prepare: boolean;
  readonly sizes: SliceSizes;
}

/** SQLSTATE of errors in the statement, its values or its privileges. Trying again would not help, so the client is not told to. */
const PERMANENT = /^(?:0A|22|23|42|P0|XX)...$/;

function failure(cause: unknown): unknown {
  const code = (cause as { readonly code?: unknown } | null)?.code;
  if (code === TOO_LATE) return tooLate();
  if (cause instanceof StoreUnavailableError || (typeof code === 'string' && PERMANENT.test(code))) return cause;
  return new StoreUnavailableError('PostgreSQL is not available', 1, { cause });
}

export class Database {
  readonly #options: DatabaseOptions;
  readonly #statements: Readonly<Record<StatementName, string>>;
  readonly #migration: string;
  /** A hash of all statements, for the names of prepared statements: a pool may also serve stores of other tables or versions. */
  readonly #digest: string;
  readonly #time = new DatabaseTime();
  readonly #ask: Ask;
  #migrated: Promise<unknown> | undefined;

  /** @throws {TypeError} if the name of the table is invalid */
  constructor(options: DatabaseOptions) {
    const names = tableNames(options.table);
    this.#options = options;
    this.#statements = statements(names, options.sizes);
    this.#migration = migration(names);
    this.#ask = queryOf(options.pool, options.timeout * SILENCE);
    this.#digest = hash('sha256', JSON.stringify(this.#statements), 'base64url').slice(0, 12);
  }

  /** Runs a statement. @returns the rows of the result */
  async run(name: StatementName, values: readonly unknown[]): Promise<readonly unknown[]> {
    const { timeout } = this.#options;
    const begun = here();
    return await this.#inTime(timeout, async () => {
      await this.#migrate();
      return await this.#query(name, values, begun, timeout);
    });
  }

  /**
   * Runs a statement that must have no effect after its caller has given up. Its last parameter is the deadline, by the database's clock.
   *
   * @param patience seconds that the caller waits
   */
  async runInTime(
    name: StatementName,
    values: readonly unknown[],
    patience = Number.POSITIVE_INFINITY,
  ): Promise<readonly unknown[]> {
    const seconds = Math.min(this.#options.timeout, patience);
    const begun = here();
    const end = begun + seconds;
    return await this.#inTime(seconds, async () => {
      await this.#migrate();
      if (!this.#time.isKnown) await this.#noted(() => this.#plain(`SELECT ${TIME} AS time`));
      return await this.#query(name, [...values, this.#time.at(end)], begun, seconds);
    });
  }

  async #inTime<T>(seconds: number, ask: () => Promise<T>): Promise<T> {
    try {
      return await within(seconds, ask());
    } catch (error) {
      throw failure(error);
    }
  }

  async #migrate(): Promise<void> {
    this.#migrated ??= within(this.#options.timeout, this.#plain(this.#migration));
    try {
      await this.#migrated;
    } catch (error) {
      this.#migrated = undefined; // the next call tries again, with another connection if this one went silent
      throw error;
    }
  }

  /** Sends a text without parameters. */
  #plain(text: string): ReturnType<Ask> {
    return this.#ask({ text, values: [] }, Number.POSITIVE_INFINITY);
  }

  /** @param begun when the caller began to wait, by `here()`. @param seconds how long the caller waits */
  async #query(name: StatementName, values: readonly unknown[], begun: number, seconds: number) {
    const text = this.#statements[name];
    const named = this.#options.prepare ? { name: `koauthorize ${name} ${this.#digest}` } : {};
    const latest = begun + seconds * (SHARES[name] ?? Number.POSITIVE_INFINITY);
    return await this.#noted(() => this.#ask(Object.assign({ text, values: [...values] }, named), latest));
  }

  /** Runs a query, and learns the database's time from the result if it has a column `time`. */
  async #noted(ask: () => Promise<{ readonly rows: unknown[] }>): Promise<readonly unknown[]> {
    const sent = here();
    try {
      const { rows } = await ask();
      const { time } = (rows[0] ?? {}) as { readonly time?: unknown };
      if (typeof time === 'number') this.#time.note(sent, here(), time);
      return rows;
    } catch (error) {
      // The known time of the database may be wrong: the next call asks for it again
      if ((error as { readonly code?: unknown } | null)?.code === TOO_LATE) this.#time.forget();
      throw error;
    }
  }
}
