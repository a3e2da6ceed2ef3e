/** The LMDB store: embedded, durable, shared by the processes of one machine. */
import { setImmediate } from 'node:timers/promises';
import { requireKnown } from '../../options.js';
import type { Consumed, Consumption, StoredRecord, TokenRecord, TokenStore } from '../store.js';
import { StoreUnavailableError } from '../store.js';
import { tooLate } from './deadline.js';
import { checkRecords, checkSuccessors, isAuthorizationID, isID, tagOf } from './id.js';
import { closeTables, openTables, type Tables, transact } from './lmdb-environment.js';
import { BATCH, expired, purge } from './lmdb-purging.js';
import { dropSome, family, list, type Page, pageOf, SLICE } from './lmdb-slices.js';
import * as tables from './lmdb-tables.js';
import { PURGE_OPTIONS, type PurgeOptions, purging, requirePurging } from './purging.js';

/** Options of `lmdbStore()`. */
export interface LMDBStoreOptions extends PurgeOptions {
  /**
   * A directory for this store alone, which is created if it is missing; or the file that version 0.1.0 made of a path with an extension. It must
   * be on a local disk, because LMDB maps it into memory.
   */
  readonly path: string;
  /** The clock, in epoch seconds, for the time of consumption and for removing expired records. Default: the clock of the machine. */
  readonly clock?: (() => number) | undefined;
  /** Seconds, for records that were not consumed. Default 7,200: the machine's clock may be fast, and there is no other clock to compare it with. */
  readonly purgeDelay?: number | undefined;
}

class LmdbStore implements TokenStore {
  readonly #options: LMDBStoreOptions;
  readonly #walks = new Set<Promise<unknown>>();
  #opened: Promise<Tables> | undefined;
  #endPurging: (() => Promise<void>) | undefined;
  #closed = false;

  constructor(options: LMDBStoreOptions) {
    this.#options = options;
  }

  async put(records: readonly TokenRecord[], _now: number, within?: number): Promise<boolean> {
    checkRecords(records);
    return await this.#write((opened) => {
      const time = this.#time();
      return records.map((record) => tables.add(opened, record, time)).every(Boolean);
    }, within);
  }

  async get(id: string, now: number): Promise<StoredRecord | undefined> {
    return await this.#read((opened) => tables.read(opened, id, now));
  }

  async consume(id: string, consumption: Consumption): Promise<Consumed | undefined> {
    checkSuccessors(id, consumption.next ?? []);
    return await this.#write((opened) => tables.consume(opened, id, consumption, this.#time()), consumption.within);
  }

  async remove(id: string): Promise<void> {
    if (isID(id)) await this.#write((opened) => tables.drop(opened, id));
  }

  async revoke(authorizationID: string, until: number): Promise<void> {
    if (!isAuthorizationID(authorizationID)) return;
    const start = `${tagOf(authorizationID)}.`;
    let next = await this.#write((opened) => {
      tables.mark(opened, authorizationID, until);
      return dropSome(opened, authorizationID, start);
    });
    while (next !== undefined) {
      const from = next;
      next = await this.#write((opened) => dropSome(opened, authorizationID, from));
    }
  }

  async list(subject: string, now: number): Promise<readonly StoredRecord[]> {
    return await this.#walk((opened) => list(opened, subject, now));
  }

  async *listByClient(clientID: string, now: number): AsyncIterable<StoredRecord> {
    let start: string | undefined = '';
    while (start !== undefined) {
      const from: string = start;
      const { records, next }: Page = await this.#walk((opened) => pageOf(opened, clientID, now, from));
      for (const [i, record] of records.entries()) {
        if (i % SLICE === SLICE - 1) await setImmediate();
        // the caller may have revoked its authorization since the page was read
        if (!(await this.#read((opened) => tables.isRevoked(opened, record.authorizationID)))) yield record;
      }
      start = next;
      await setImmediate();
    }
  }

  async *listByAuthorization(authorizationID: string, now: number): AsyncIterable<StoredRecord> {
    if (isAuthorizationID(authorizationID)) yield* await this.#walk((opened) => family(opened, authorizationID, now));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#endPurging?.();
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    await Promise.allSettled(this.#walks);
    if (opened) await closeTables(this.#options.path);
  }

  #time(): tables.OwnTime {
    const { clock, purgeDelay = 7200 } = this.#options;
    return { now: clock ? clock() : Date.now() / 1000, purgeDelay };
  }

  async #open(): Promise<Tables> {
    if (this.#closed) throw new Error('The store was closed');
    this.#endPurging ??= purging(() => this.#purge(), this.#options);
    this.#opened ??= openTables(this.#options.path);
    try {
      return await this.#opened;
    } catch (error) {
      this.#opened = undefined; // the next call tries again
      throw error;
    }
  }

  async #read<T>(work: (opened: Tables) => T): Promise<T> {
    return await this.#available(async () => {
      const opened = await this.#open();
      opened.root.resetReadTxn(); // so that the call reads what other processes have committed so far
      return work(opened);
    });
  }

  /** Reads in slices. `close` waits for it. */
  async #walk<T>(work: (opened: Tables) => Promise<T>): Promise<T> {
    return await this.#available(async () => {
      const walk = work(await this.#open());
      this.#walks.add(walk);
      return await walk.finally(() => this.#walks.delete(walk));
    });
  }

  /** @param within seconds from now. If the transaction cannot start before that, it does nothing */
  async #write<T>(work: (opened: Tables) => T, within = Number.POSITIVE_INFINITY): Promise<T> {
    const end = performance.now() + within * 1000;
    return await this.#available(async () => {
      const opened = await this.#open();
      return await transact(opened, () => {
        if (!(performance.now() < end)) throw tooLate(); // checked while the write lock is held: no wait can follow
        return work(opened);
      });
    });
  }

  async #available<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof StoreUnavailableError) throw cause;
      throw new StoreUnavailableError(`The LMDB store at ${this.#options.path} is not available`, 1, { cause });
    }
  }

  async *#purge(): AsyncGenerator<void> {
    let found: number;
    do {
      // an empty write transaction would take the write lock and sync the file for nothing
      found = (await this.#read((opened) => expired(opened, this.#time()))).length;
      if (found > 0) await this.#write((opened) => purge(opened, this.#time()));
      yield;
    } while (found === BATCH);
  }
}

/**
 * Keeps tokens in an LMDB database, which is durable and needs no server. When a call resolves, its effect is on the disk: neither `kill -9` nor
 * a power cut loses it. Several processes of one machine may use the same path. The database is opened at the first call.
 *
 * It needs the package `lmdb`.
 *
 * @returns a store whose methods throw a `StoreUnavailableError`, with its cause, if the database cannot be opened or written
 * @throws TypeError for times that are not numbers within their bounds
 * @example tokenService({ store: lmdbStore({ path: 'data/tokens' }) })
 * @see {@link https://www.npmjs.com/package/lmdb | lmdb}
 */
export function lmdbStore(options: LMDBStoreOptions): TokenStore {
  const known = { ...PURGE_OPTIONS, path: true, clock: true } as const;
  requireKnown<LMDBStoreOptions>(options, known, 'lmdbStore');
  requirePurging(options, 'lmdbStore');
  return new LmdbStore(options);
}
