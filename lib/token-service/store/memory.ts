/** The memory store, for tests and for trying the toolkit: its records are lost when the process ends. */
import { setImmediate } from 'node:timers/promises';
import { requireCount, requireKnown } from '../../options.js';
import type { Consumed, Consumption, StoredRecord, TokenRecord, TokenStore } from '../store.js';
import { StoreUnavailableError } from '../store.js';
import { requireInTime } from './deadline.js';
import type { Expiring } from './expiry-order.js';
import { frozenRecord, spentRecord } from './frozen-record.js';
import { Groups } from './groups.js';
import { checkRecords, checkSuccessors } from './id.js';
import { longestLived } from './longest-lived.js';
import { ShardedMap, shardOfID, shardOfText } from './sharded-map.js';
import { Shelf } from './shelf.js';

/** Options of `memoryStore()`. */
export interface MemoryStoreOptions {
  /**
   * How many codes and tokens the store holds at most. Default 100,000. Records of the kinds `ephemeral` and `jti`, and revocations, are counted
   * separately, with the same maximum for each.
   */
  readonly max?: number | undefined;
}

interface Entry extends Expiring {
  record: StoredRecord;
}

/** The revocation of an authorization. */
interface Mark extends Expiring {
  readonly authorizationID: string;
}

/** Records that `listByClient` reads before other requests of the process can run. */
const SLICE = 500;

const KEPT_FOR_A_WHILE: ReadonlySet<string> = new Set(['ephemeral', 'jti']);

function isLive({ record }: Entry, now: number): boolean {
  return record.expiresAt > now;
}

class MemoryStore implements TokenStore {
  readonly answersAtOnce = true;
  readonly isVolatile = true;
  readonly #max: number;
  readonly #entries = new ShardedMap<Entry>(shardOfID);
  readonly #revoked = new ShardedMap<Mark>(shardOfID);
  readonly #authorizations = new Groups<Entry>(shardOfID);
  /** The authorizations of each subject, instead of its records: a user has few authorizations, however often their tokens are refreshed. */
  readonly #authorizationsOf = new Groups<string>(shardOfText);
  readonly #tokens: Shelf<Entry>;
  readonly #ephemeral: Shelf<Entry>;
  readonly #marks: Shelf<Mark>;

  constructor(max: number) {
    this.#max = max;
    this.#tokens = new Shelf(max, (entry) => this.#forget(entry));
    this.#ephemeral = new Shelf(max, (entry) => this.#forget(entry));
    this.#marks = new Shelf(max, ({ authorizationID }) => this.#revoked.delete(authorizationID));
  }

  async put(records: readonly TokenRecord[], now: number, within?: number): Promise<boolean> {
    checkRecords(records);
    requireInTime(within);
    const copies = records.map(frozenRecord);
    this.#makeRoom(records, now);
    return copies.map((record) => this.#add(record, now)).every(Boolean);
  }

  async get(id: string, now: number): Promise<StoredRecord | undefined> {
    return this.#live(id, now)?.record;
  }

  async consume(id: string, consumption: Consumption): Promise<Consumed | undefined> {
    const { now, seal, next = [], keepUntil = Number.POSITIVE_INFINITY, within } = consumption;
    checkSuccessors(id, next);
    requireInTime(within);
    const entry = this.#live(id, now);
    if (!entry) return undefined;
    if (entry.record.consumedAt !== undefined) return { first: false, record: entry.record, now };
    const successors = next.map(frozenRecord);
    this.#makeRoom(next, now); // throws before anything has changed, so that the record is not consumed
    const expiresAt = Math.min(entry.record.expiresAt, keepUntil);
    entry.record = spentRecord(entry.record, { expiresAt, consumedAt: now, seal });
    this.#shelfOf(entry.record).expire(entry, expiresAt);
    for (const each of successors) this.#add(each, now);
    return { first: true, record: entry.record, now };
  }

  async remove(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry) this.#drop(entry);
  }

  /** Never refuses. If the store has too many revocations, it drops the one that ends first, whose records were deleted before. */
  async revoke(authorizationID: string, until: number, now: number): Promise<void> {
    for (const entry of this.#authorizations.take(authorizationID)) this.#drop(entry);
    const earlier = this.#revoked.get(authorizationID);
    if (earlier) this.#marks.drop(earlier);
    if (!this.#marks.sweep(1, now)) this.#marks.dropFirst();
    const mark = { authorizationID, expiresAt: Math.max(until, earlier?.expiresAt ?? until), place: 0 };
    this.#revoked.set(authorizationID, mark);
    this.#marks.add(mark);
  }

  async list(subject: string, now: number): Promise<readonly StoredRecord[]> {
    const entries = this.#authorizationsOf.of(subject).flatMap((id) => this.#authorizations.of(id));
    const records = entries.filter((entry) => isLive(entry, now)).map(({ record }) => record);
    return longestLived(records.filter((record) => record.subject === subject && record.consumedAt === undefined));
  }

  async *listByClient(clientID: string, now: number): AsyncIterable<StoredRecord> {
    let seen = 0;
    for (const entry of this.#entries.values()) {
      if (++seen % SLICE === 0) await setImmediate();
      if (entry.record.clientID === clientID && isLive(entry, now)) yield entry.record;
    }
  }

  async *listByAuthorization(authorizationID: string, now: number): AsyncIterable<StoredRecord> {
    for (const entry of this.#authorizations.of(authorizationID)) if (isLive(entry, now)) yield entry.record;
  }

  async close(): Promise<void> {}

  #live(id: string, now: number): Entry | undefined {
    const entry = this.#entries.get(id);
    return entry && isLive(entry, now) ? entry : undefined;
  }

  #shelfOf({ kind }: TokenRecord): Shelf<Entry> {
    return KEPT_FOR_A_WHILE.has(kind) ? this.#ephemeral : this.#tokens;
  }

  /** Stores a record, unless its authorization was revoked or its ID belongs to a live record. */
  #add(record: StoredRecord, now: number): boolean {
    const earlier = this.#entries.get(record.id);
    const until = this.#revoked.get(record.authorizationID)?.expiresAt ?? Number.NEGATIVE_INFINITY;
    if (until > now || (earlier && isLive(earlier, now))) return false;
    if (earlier) this.#drop(earlier);
    const entry: Entry = { record, expiresAt: record.expiresAt, place: 0 };
    this.#entries.set(record.id, entry);
    const { authorizationID, subject } = record;
    if (subject !== undefined && !this.#names(authorizationID, subject))
      this.#authorizationsOf.add(subject, authorizationID);
    this.#authorizations.add(authorizationID, entry);
    this.#shelfOf(record).add(entry);
    return true;
  }

  /** Whether an authorization has a record with that subject. */
  #names(authorizationID: string, subject: string): boolean {
    return this.#authorizations.some(authorizationID, ({ record }) => record.subject === subject);
  }

  #drop(entry: Entry): void {
    this.#shelfOf(entry.record).drop(entry);
  }

  #forget(entry: Entry): void {
    const { id, authorizationID, subject } = entry.record;
    this.#entries.delete(id);
    this.#authorizations.remove(authorizationID, entry);
    if (subject !== undefined && !this.#names(authorizationID, subject))
      this.#authorizationsOf.remove(subject, authorizationID);
  }

  /** Removes expired records only; a full store refuses new ones. Removing a live one would lose a token, or allow the replay of a used assertion. */
  #makeRoom(records: readonly TokenRecord[], now: number): void {
    const [first] = records;
    if (!first) return;
    const shelf = this.#shelfOf(first);
    if (shelf.sweep(records.length, now)) return;
    const retryAfter = Math.min(Math.max(1, shelf.patience(now)), 60);
    throw new StoreUnavailableError(`The memory store is full (max: ${this.#max})`, retryAfter);
  }
}

/**
 * Keeps tokens in the memory of this process, for tests and for trying the toolkit. The records are lost when the process ends, and no other
 * process sees them. A store that is full of live records refuses more.
 *
 * Its clock is the caller's `now`.
 *
 * @returns a store whose `put` and `consume` throw a `StoreUnavailableError` if it is full
 * @throws TypeError for a `max` that is not a whole number
 * @example tokenService({ store: memoryStore({ max: 10_000 }) })
 * @see lmdbStore, which needs no server either, and is durable
 */
export function memoryStore(options: MemoryStoreOptions = {}): TokenStore {
  requireKnown<MemoryStoreOptions>(options, { max: true }, 'memoryStore');
  requireCount('memoryStore({ max })', options.max ?? 0, 0);
  return new MemoryStore(options.max ?? 100_000);
}
