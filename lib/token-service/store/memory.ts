/** For tests and the first five minutes: it ends with its process. */
import type { Consumed, Consumption, StoredRecord, TokenRecord, TokenStore } from '../store.js';
import { StoreUnavailableError } from '../store.js';
import { Chains, type Entry, entryOf } from './chains.js';
import { type Expiring, ExpiryHeap } from './expiry-heap.js';
import { checkRecords, checkSuccessors } from './id.js';

export interface MemoryStoreOptions {
  /** How many records and revocations it holds at most; 100 000 by default. */
  readonly max?: number | undefined;
}

interface Mark extends Expiring {
  readonly authorizationID: string;
}

function isLive({ record }: Entry, now: number): boolean {
  return record.expiresAt > now;
}

/** Expired entries that one `put` removes besides what it needs the room of: more than come in, so that they go in the end. */
const SWEEP = 16;

/** A frozen copy of JSON. */
function copy(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return Object.freeze(json.map(copy));
  const members: Record<string, unknown> = {};
  for (const name of Object.keys(json)) {
    const value = (json as Record<string, unknown>)[name];
    if (value === undefined) continue;
    if (name !== '__proto__') members[name] = copy(value);
    // a name like any other, when it is defined rather than assigned
    else Object.defineProperty(members, name, { value: copy(value), enumerable: true });
  }
  return Object.freeze(members);
}

class MemoryStore implements TokenStore {
  readonly answersAtOnce = true;
  readonly #max: number;
  readonly #expiries = new ExpiryHeap<Entry | Mark>();
  readonly #entries = new Map<string, Entry>();
  readonly #revoked = new Map<string, Mark>();
  readonly #authorizations = new Chains('olderOfAuthorization', 'newerOfAuthorization');
  readonly #subjects = new Chains('olderOfSubject', 'newerOfSubject');

  constructor(max: number) {
    this.#max = max;
  }

  async put(records: readonly TokenRecord[], now: number): Promise<void> {
    checkRecords(records);
    this.#makeRoom(records.length, now);
    for (const record of records) this.#add(record, now);
  }

  async get(id: string, now: number): Promise<StoredRecord | undefined> {
    return this.#live(id, now)?.record;
  }

  async consume(id: string, { now, seal, next = [] }: Consumption): Promise<Consumed | undefined> {
    checkSuccessors(id, next);
    const entry = this.#live(id, now);
    if (!entry) return undefined;
    if (entry.record.consumedAt !== undefined) return { first: false, record: entry.record };
    this.#makeRoom(next.length, now); // before anything has changed: refused means not consumed
    const spent = { consumedAt: now, ...(seal !== undefined && { seal }) };
    entry.record = Object.freeze(Object.assign({}, entry.record, spent));
    for (const each of next) this.#add(each, now);
    return { first: true, record: entry.record };
  }

  async remove(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry) this.#drop(entry);
  }

  /** Never refused: what it removes makes room for its mark. */
  async revoke(authorizationID: string, until: number): Promise<void> {
    for (const entry of this.#authorizations.of(authorizationID)) this.#drop(entry);
    const earlier = this.#revoked.get(authorizationID);
    if (earlier) this.#drop(earlier);
    const mark = { authorizationID, expiresAt: Math.max(until, earlier?.expiresAt ?? until), place: 0 };
    this.#revoked.set(authorizationID, mark);
    this.#expiries.add(mark);
  }

  async list(subject: string, now: number): Promise<readonly StoredRecord[]> {
    const records = this.#subjects.of(subject).map(({ record }) => record);
    return records.filter(({ expiresAt, consumedAt }) => expiresAt > now && consumedAt === undefined);
  }

  async close(): Promise<void> {}

  #live(id: string, now: number): Entry | undefined {
    const entry = this.#entries.get(id);
    return entry && isLive(entry, now) ? entry : undefined;
  }

  /** A record is stored once: neither a consumed one nor one that was revoked can be put back. */
  #add({ id, kind, authorizationID, clientID, subject, expiresAt, data }: TokenRecord, now: number): void {
    const earlier = this.#entries.get(id);
    if (this.#revoked.has(authorizationID) || (earlier && isLive(earlier, now))) return;
    if (earlier) this.#drop(earlier);
    const optional = subject !== undefined && { subject };
    const record = { id, kind, authorizationID, clientID, ...optional, expiresAt, data: copy(data) };
    const entry = entryOf(Object.freeze(record));
    this.#entries.set(id, entry);
    this.#authorizations.add(authorizationID, entry);
    this.#subjects.add(subject, entry);
    this.#expiries.add(entry);
  }

  #drop(gone: Entry | Mark): void {
    this.#expiries.remove(gone);
    if ('authorizationID' in gone) {
      this.#revoked.delete(gone.authorizationID);
      return;
    }
    this.#entries.delete(gone.record.id);
    this.#authorizations.remove(gone.record.authorizationID, gone);
    this.#subjects.remove(gone.record.subject, gone);
  }

  /** What expired goes first; what is live is never pushed out, as that would make a spent code good again. */
  #makeRoom(records: number, now: number): void {
    const full = (): boolean => this.#expiries.size + records > this.#max;
    for (let swept = 0; swept < records + SWEEP || full(); swept++) {
      const oldest = this.#expiries.first;
      if (!oldest || oldest.expiresAt > now) break;
      this.#drop(oldest);
    }
    if (!full()) return;
    const seconds = Math.ceil((this.#expiries.first?.expiresAt ?? now) - now);
    throw new StoreUnavailableError(`The memory store is full (max: ${this.#max})`, Math.min(Math.max(1, seconds), 60));
  }
}

/**
 * Keeps tokens in the memory of this process: for tests and the first five minutes. Whatever it holds is lost with the process,
 * and no other process sees it. Full of live records, it takes no more.
 *
 * @returns a store whose `put` and `consume` throw a `StoreUnavailableError` when it is full
 * @example tokenService({ store: memoryStore({ max: 10_000 }) })
 * @see lmdbStore, which is as easy to have and keeps what it was given
 */
export function memoryStore({ max = 100_000 }: MemoryStoreOptions = {}): TokenStore {
  return new MemoryStore(max);
}
