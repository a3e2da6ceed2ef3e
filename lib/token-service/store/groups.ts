import type { StoredRecord } from '../store.js';
import type { Expiring } from './expiry-heap.js';

export interface Entry extends Expiring {
  record: StoredRecord;
}

export function entryOf(record: StoredRecord): Entry {
  return { record, expiresAt: record.expiresAt, place: 0 };
}

/** The entries of each authorization, or of each subject. Adding and removing one takes the same time in a group of any size. */
export class Groups {
  readonly #groups = new Map<string, Set<Entry>>();

  /** Oldest first. A copy: the caller may remove each. */
  of(key: string): readonly Entry[] {
    return [...(this.#groups.get(key) ?? [])];
  }

  add(key: string | undefined, entry: Entry): void {
    if (key === undefined) return;
    const group = this.#groups.get(key);
    if (group) group.add(entry);
    else this.#groups.set(key, new Set([entry]));
  }

  remove(key: string | undefined, entry: Entry): void {
    if (key === undefined) return;
    const group = this.#groups.get(key);
    group?.delete(entry);
    if (group?.size === 0) this.#groups.delete(key);
  }
}
