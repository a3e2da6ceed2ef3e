/** How the PostgreSQL store asks its database: one statement at a time, with an end to waiting. */
import { hash } from 'node:crypto';
import { StoreUnavailableError } from '../store.js';
import { tooLate, within } from './deadline.js';
import { migration, tableNames } from './postgres-schema.js';
import { type SliceSizes, type StatementName, statements, TIME, TOO_LATE } from './postgres-statements.js';
import { DatabaseTime, here } from './postgres-time.js';

/** What a `Pool` of pg does, and many others do. */
export interface PostgresPool {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
}

export interface DatabaseOptions {
  readonly pool: PostgresPool;
  readonly table: string;
  /** Seconds. */
  readonly timeout: number;
  readonly prepare: boolean;
  readonly sizes: SliceSizes;
}

/** The server's word that it is the statement, or the right to it, that is at fault: trying again would be of no use. */
const OURS = /^(?:0A|22|23|42|P0|XX)...$/;

function failure(cause: unknown): unknown {
  const code = (cause as { readonly code?: unknown } | null)?.code;
  if (code === TOO_LATE) return tooLate();
  if (cause instanceof StoreUnavailableError || (typeof code === 'string' && OURS.test(code))) return cause;
  return new StoreUnavailableError('PostgreSQL is not available', 1, { cause });
}

export class Database {
  readonly #options: DatabaseOptions;
  readonly #statements: Readonly<Record<StatementName, string>>;
  readonly #migration: string;
  /** Of all statements: a pool may serve stores of other tables, and other versions. */
  readonly #digest: string;
  readonly #time = new DatabaseTime();
  #migrated: Promise<unknown> | undefined;

  /** @throws {TypeError} where the table has no proper name */
  constructor(options: DatabaseOptions) {
    const names = tableNames(options.table);
    this.#options = options;
    this.#statements = statements(names, options.sizes);
    this.#migration = migration(names);
    this.#digest = hash('sha256', JSON.stringify(this.#statements), 'base64url').slice(0, 12);
  }

  /** @returns the rows of the answer */
  async run(name: StatementName, values: readonly unknown[]): Promise<readonly unknown[]> {
    return await this.#inTime(this.#options.timeout, async () => {
      await this.#migrate();
      return await this.#query(name, values);
    });
  }

  /**
   * Runs a statement that must not take effect once its caller has given up. Its last parameter is the deadline, in the database's time.
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
      this.#migrated = undefined; // another attempt with the next call
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

  /** Learns the database's time from each answer that has it. */
  async #noted(ask: () => Promise<{ readonly rows: unknown[] }>): Promise<readonly unknown[]> {
    const sent = here();
    try {
      const { rows } = await ask();
      const { time } = (rows[0] ?? {}) as { readonly time?: unknown };
      if (typeof time === 'number') this.#time.note(sent, here(), time);
      return rows;
    } catch (error) {
      // Perhaps it is our idea of the database's time that is wrong: the next call asks for it.
      if ((error as { readonly code?: unknown } | null)?.code === TOO_LATE) this.#time.forget();
      throw error;
    }
  }
}
