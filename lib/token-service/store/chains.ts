import type { StoredRecord } from '../store.js';
import type { Expiring } from './expiry-heap.js';

/** The neighbours of an entry in its chains. */
type Link = 'olderOfAuthorization' | 'newerOfAuthorization' | 'olderOfSubject' | 'newerOfSubject';

export interface Entry extends Expiring, Record<Link, Entry | undefined> {
  record: StoredRecord;
}

export function entryOf(record: StoredRecord): Entry {
  return {
    record,
    expiresAt: record.expiresAt,
    place: 0,
    olderOfAuthorization: undefined,
    newerOfAuthorization: undefined,
    olderOfSubject: undefined,
    newerOfSubject: undefined,
  };
}

/** The entries of each authorization, or of each subject, as a linked list. It needs less memory than a Set for each of a million keys. */
export class Chains {
  readonly #newest = new Map<string, Entry>();
  readonly #older: Link;
  readonly #newer: Link;

  constructor(older: Link, newer: Link) {
    this.#older = older;
    this.#newer = newer;
  }

  /** The entries of a key, oldest first. */
  of(key: string): readonly Entry[] {
    const entries: Entry[] = [];
    for (let entry = this.#newest.get(key); entry; entry = entry[this.#older]) entries.push(entry);
    return entries.reverse();
  }

  add(key: string | undefined, entry: Entry): void {
    if (key === undefined) return;
    const newest = this.#newest.get(key);
    if (newest) newest[this.#newer] = entry;
    entry[this.#older] = newest;
    this.#newest.set(key, entry);
  }

  remove(key: string | undefined, entry: Entry): void {
    if (key === undefined) return;
    const older = entry[this.#older];
    const newer = entry[this.#newer];
    if (older) older[this.#newer] = newer;
    if (newer) newer[this.#older] = older;
    else if (older) this.#newest.set(key, older);
    else this.#newest.delete(key);
  }
}
