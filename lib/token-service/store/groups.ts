import type { StoredRecord } from '../store.js';
import type { Expiring } from './expiry-heap.js';
import { ShardedMap } from './sharded-map.js';

export interface Entry extends Expiring {
  record: StoredRecord;
}

export function entryOf(record: StoredRecord): Entry {
  return { record, expiresAt: record.expiresAt, place: 0 };
}

/**
 * The entries of each authorization, or of each subject. Adding and removing one takes the same time in a group of any size. Most authorizations have one
 * entry, which stands for itself: a Set for each would be a quarter of the store's memory.
 */
export class Groups {
  readonly #groups: ShardedMap<Set<Entry> | Entry>;

  /** @param shardOf gives the shard of a group's key */
  constructor(shardOf: (key: string) => number) {
    this.#groups = new ShardedMap(shardOf);
  }

  /** Oldest first. A copy: the caller may remove each. */
  of(key: string): readonly Entry[] {
    const group = this.#groups.get(key);
    if (group === undefined) return [];
    return group instanceof Set ? [...group] : [group];
  }

  add(key: string | undefined, entry: Entry): void {
    if (key === undefined) return;
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, entry);
    else if (group instanceof Set) group.add(entry);
    else this.#groups.set(key, new Set([group, entry]));
  }

  remove(key: string | undefined, entry: Entry): void {
    if (key === undefined) return;
    const group = this.#groups.get(key);
    if (group instanceof Set) group.delete(entry);
    if (group === entry || (group instanceof Set && group.size === 0)) this.#groups.delete(key);
  }
}
