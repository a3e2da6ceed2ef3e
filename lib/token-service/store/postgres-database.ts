/** Runs the statements of the PostgreSQL store, with a timeout. */
import { hash } from 'node:crypto';
import { StoreUnavailableError } from '../store.js';
import { tooLate, within } from './deadline.js';
import { migration, tableNames } from './postgres-schema.js';
import { type SliceSizes, type StatementName, statements, TIME, TOO_LATE } from './postgres-statements.js';
import { DatabaseTime, here } from './postgres-time.js';

/** The part of a `Pool` of pg that is used. Pools of other packages have it too. */
export interface PostgresPool {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
}

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
  #migrated: Promise<unknown> | undefined;

  /** @throws {TypeError} if the name of the table is invalid */
  constructor(options: DatabaseOptions) {
    const names = tableNames(options.table);
    this.#options = options;
    this.#statements = statements(names, options.sizes);
    this.#migration = migration(names);
    this.#digest = hash('sha256', JSON.stringify(this.#statements), 'base64url').slice(0, 12);
  }

  /** Runs a statement. @returns the rows of the result */
  async run(name: StatementName, values: readonly unknown[]): Promise<readonly unknown[]> {
    return await this.#inTime(this.#options.timeout, async () => {
      await this.#migrate();
      return await this.#query(name, values);
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
    const end = here() + seconds;
    return await this.#inTime(seconds, async () => {
      await this.#migrate();
      if (!this.#time.isKnown) await this.#noted(() => this.#options.pool.query(`SELECT ${TIME} AS time`));
      return await this.#query(name, [...values, this.#time.at(end)]);
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
    this.#migrated ??= this.#options.pool.query(this.#migration);
    try {
      await this.#migrated;
    } catch (error) {
      this.#migrated = undefined; // the next call tries again
      throw error;
    }
  }

  async #query(name: StatementName, values: readonly unknown[]): Promise<readonly unknown[]> {
    const { pool, prepare } = this.#options;
    const text = this.#statements[name];
    if (!prepare) return await this.#noted(() => pool.query(text, [...values]));
    const prepared = pool as unknown as { query(statement: object): Promise<{ readonly rows: unknown[] }> };
    return await this.#noted(() => prepared.query({ name: `koauthorize ${name} ${this.#digest}`, text, values }));
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
