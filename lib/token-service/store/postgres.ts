/** For many machines: whatever PostgreSQL keeps. */
import { hash } from 'node:crypto';
import type { Consumed, Consumption, StoredRecord, TokenKind, TokenRecord, TokenStore } from '../store.js';
import { StoreUnavailableError } from '../store.js';
import { within } from './deadline.js';
import { parse, unreadable } from './encoding.js';
import { checkRecords, checkSuccessors, isAuthorizationID, isID } from './id.js';
import { migration, tableNames } from './postgres-schema.js';
import { type StatementName, statements } from './postgres-statements.js';
import { BATCH, type PurgeOptions, purging } from './purging.js';

/** What a `Pool` of pg does, and many others do. */
export interface PostgresPool {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
}

export interface PostgresStoreOptions extends PurgeOptions {
  /** Whose it is to close, and to listen to the errors of. */
  readonly pool: PostgresPool;
  /** The name of the table, with or without its schema, and what the names of the others begin with; `koauthorize_tokens` by default. */
  readonly table?: string | undefined;
  /** Seconds to wait for an answer; 5 by default. */
  readonly timeout?: number | undefined;
  /**
   * Whether the pool takes pg's `{ name, text, values }` and prepares each statement once per connection. By default, if it has a
   * `connect` as pg's have. `false` for a PgBouncer that pools transactions and cannot track prepared statements.
   */
  readonly prepare?: boolean | undefined;
}

interface Row {
  readonly id: string;
  readonly kind: TokenKind;
  readonly authorization_id: string;
  readonly client_id: string;
  readonly subject: string | null;
  readonly expires_at: number;
  readonly data: string;
  readonly consumed_at: number | null;
  readonly seal: string | null;
  readonly first?: boolean;
}

/** PostgreSQL's text has no NUL and no half of a surrogate pair; JSON can write both, and everything else as itself. */
function toText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function fromText(id: string, text: string): string | undefined {
  const parsed = parse(`"${text}"`);
  return typeof parsed === 'string' ? parsed : unreadable(id);
}

function toRows(records: readonly TokenRecord[]): string {
  const rows = records.map(({ id, kind, authorizationID, clientID, subject, expiresAt, data }) => ({
    id,
    kind,
    authorization_id: authorizationID,
    client_id: toText(clientID),
    subject: subject === undefined ? null : toText(subject),
    expires_at: expiresAt,
    data: JSON.stringify(data),
  }));
  return JSON.stringify(rows);
}

function toRecord(row: Row): StoredRecord | undefined {
  const { id, kind, authorization_id: authorizationID, expires_at: expiresAt, consumed_at: consumedAt } = row;
  const [clientID, subject, seal] = [row.client_id, row.subject ?? '', row.seal ?? ''].map((text) =>
    fromText(id, text),
  );
  const data = parse(row.data);
  if (data === undefined) return unreadable(id);
  if (clientID === undefined || subject === undefined || seal === undefined) return undefined;
  return {
    id,
    kind,
    authorizationID,
    clientID,
    ...(row.subject !== null && { subject }),
    expiresAt,
    data,
    ...(consumedAt !== null && { consumedAt }),
    ...(row.seal !== null && { seal }),
  };
}

/** The server's word that it is the statement, or the right to it, that is at fault: trying again would be of no use. */
const OURS = /^(?:0A|22|23|42|P0|XX)...$/;

function failure(cause: unknown): unknown {
  const code = (cause as { readonly code?: unknown } | null)?.code;
  if (cause instanceof StoreUnavailableError || (typeof code === 'string' && OURS.test(code))) return cause;
  return new StoreUnavailableError('PostgreSQL is not available', 1, { cause });
}

class PostgresStore implements TokenStore {
  readonly #options: PostgresStoreOptions;
  readonly #statements: Readonly<Record<StatementName, string>>;
  readonly #migration: string;
  /** Of all statements: a pool may serve stores of other tables, and other versions. */
  readonly #digest: string;
  readonly #prepare: boolean;
  #migrated: Promise<unknown> | undefined;
  #endPurging: (() => Promise<void>) | undefined;

  constructor(options: PostgresStoreOptions) {
    const names = tableNames(options.table ?? 'koauthorize_tokens');
    this.#options = options;
    this.#statements = statements(names, BATCH);
    this.#migration = migration(names);
    this.#digest = hash('sha256', JSON.stringify(this.#statements), 'base64url').slice(0, 12);
    this.#prepare = options.prepare ?? 'connect' in options.pool;
  }

  async put(records: readonly TokenRecord[], now: number): Promise<void> {
    checkRecords(records);
    if (records.length > 0) await this.#run('put', [toRows(records), now]);
  }

  async get(id: string, now: number): Promise<StoredRecord | undefined> {
    if (!isID(id)) return undefined;
    const [row] = await this.#run('get', [id, now]);
    return row && toRecord(row);
  }

  async consume(id: string, { now, seal, next = [] }: Consumption): Promise<Consumed | undefined> {
    checkSuccessors(id, next);
    if (!isID(id)) return undefined;
    const [row] = await this.#run('consume', [id, now, seal === undefined ? null : toText(seal), toRows(next)]);
    const record = row && toRecord(row);
    return record && { first: row.first === true, record };
  }

  async remove(id: string): Promise<void> {
    if (isID(id)) await this.#run('remove', [id]);
  }

  async revoke(authorizationID: string, until: number): Promise<void> {
    if (isAuthorizationID(authorizationID)) await this.#run('revoke', [authorizationID, until]);
  }

  async list(subject: string, now: number): Promise<readonly StoredRecord[]> {
    const rows = await this.#run('list', [toText(subject), now]);
    return rows.map(toRecord).filter((record) => record !== undefined);
  }

  async close(): Promise<void> {
    await this.#endPurging?.();
  }

  async #run(name: StatementName, values: unknown[]): Promise<readonly Row[]> {
    const { timeout = 5, pool } = this.#options;
    try {
      const { rows } = await within(timeout, this.#query(pool, name, values));
      return rows as Row[];
    } catch (error) {
      throw failure(error);
    }
  }

  async #query(pool: PostgresPool, name: StatementName, values: unknown[]): Promise<{ readonly rows: unknown[] }> {
    this.#endPurging ??= purging((now) => this.#purge(now), this.#options);
    this.#migrated ??= pool.query(this.#migration);
    try {
      await this.#migrated;
    } catch (error) {
      this.#migrated = undefined; // another attempt with the next call
      throw error;
    }
    const text = this.#statements[name];
    if (!this.#prepare) return await pool.query(text, values);
    const prepared = pool as unknown as { query(statement: object): Promise<{ readonly rows: unknown[] }> };
    return await prepared.query({ name: `koauthorize ${name} ${this.#digest}`, text, values });
  }

  async #purge(now: number): Promise<number> {
    const records = await this.#run('purge', [now]);
    const revocations = await this.#run('purge_revoked', [now]);
    return Math.max(records.length, revocations.length);
  }
}

/**
 * Keeps tokens in PostgreSQL, for any number of machines. Makes its tables itself, with the first use. What was acknowledged is as
 * durable as the database's commits are: with `synchronous_commit` as it comes, neither a crash nor a power cut loses it.
 *
 * @returns a store whose methods throw a `StoreUnavailableError`, with its cause, when the database does not answer
 * @throws {TypeError} where `table` is no name
 * @example
 * const pool = new Pool({ connectionTimeoutMillis: 2000 });
 * pool.on('error', (error) => console.error(error)); // without a listener, a connection that breaks ends the process
 * tokenService({ store: postgresStore({ pool }) });
 * @see {@link https://node-postgres.com/apis/pool | pg.Pool}
 */
export function postgresStore(options: PostgresStoreOptions): TokenStore {
  return new PostgresStore(options);
}
