/** The embedded default: durable, and shared by the processes of one machine. */
import type { Consumed, Consumption, StoredRecord, TokenRecord, TokenStore } from '../store.js';
import { StoreUnavailableError } from '../store.js';
import { checkRecords, checkSuccessors, isAuthorizationID, isID } from './id.js';
import * as tables from './lmdb-tables.js';
import { type PurgeOptions, purging } from './purging.js';

export interface LMDBStoreOptions extends PurgeOptions {
  /** A directory of its own, made when it is missing; or, with an extension, a file. On a local disk: LMDB maps it into memory. */
  readonly path: string;
}

class LmdbStore implements TokenStore {
  readonly #options: LMDBStoreOptions;
  #opened: Promise<tables.Tables> | undefined;
  #endPurging: (() => Promise<void>) | undefined;
  #closed = false;

  constructor(options: LMDBStoreOptions) {
    this.#options = options;
  }

  async put(records: readonly TokenRecord[], now: number): Promise<void> {
    checkRecords(records);
    await this.#write((opened) => {
      for (const record of records) tables.add(opened, record, now);
    });
  }

  async get(id: string, now: number): Promise<StoredRecord | undefined> {
    return await this.#read((opened) => tables.read(opened, id, now));
  }

  async consume(id: string, consumption: Consumption): Promise<Consumed | undefined> {
    checkSuccessors(id, consumption.next ?? []);
    return await this.#write((opened) => tables.consume(opened, id, consumption));
  }

  async remove(id: string): Promise<void> {
    if (isID(id)) await this.#write((opened) => tables.drop(opened, id));
  }

  async revoke(authorizationID: string, until: number): Promise<void> {
    if (isAuthorizationID(authorizationID))
      await this.#write((opened) => tables.revoke(opened, authorizationID, until));
  }

  async list(subject: string, now: number): Promise<readonly StoredRecord[]> {
    return await this.#read((opened) => tables.list(opened, subject, now));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#endPurging?.();
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    if (opened) await tables.closeTables(this.#options.path);
  }

  async #open(): Promise<tables.Tables> {
    if (this.#closed) throw new Error('The store was closed');
    this.#endPurging ??= purging((now) => this.#purge(now), this.#options);
    this.#opened ??= tables.openTables(this.#options.path);
    try {
      return await this.#opened;
    } catch (error) {
      this.#opened = undefined; // another attempt with the next call
      throw error;
    }
  }

  async #read<T>(work: (opened: tables.Tables) => T): Promise<T> {
    return await this.#available(async () => {
      const opened = await this.#open();
      opened.root.resetReadTxn(); // what other processes have committed by now counts
      return work(opened);
    });
  }

  /** All or nothing, one after the other among all processes, and on the disk when it resolves. */
  async #write<T>(work: (opened: tables.Tables) => T): Promise<T> {
    return await this.#available(async () => {
      const opened = await this.#open();
      return await opened.root.childTransaction(() => work(opened));
    });
  }

  async #available<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw new StoreUnavailableError(`The LMDB store at ${this.#options.path} is not available`, 1, { cause });
    }
  }

  async #purge(now: number): Promise<number> {
    const expired = await this.#read((opened) => tables.expired(opened, now));
    return expired.length === 0 ? 0 : await this.#write((opened) => tables.purge(opened, now));
  }
}

/**
 * Keeps tokens in an LMDB database: durable without a server. What was acknowledged is on the disk, so that neither `kill -9` nor
 * a power cut loses it; several processes of one machine may use one path. Opened with the first use.
 *
 * Needs the package `lmdb`.
 *
 * @returns a store whose methods throw a `StoreUnavailableError`, with its cause, when the database cannot be opened or written
 * @example tokenService({ store: lmdbStore({ path: 'data/tokens' }) })
 * @see {@link https://www.npmjs.com/package/lmdb | lmdb}
 */
export function lmdbStore(options: LMDBStoreOptions): TokenStore {
  return new LmdbStore(options);
}
