/** An entry, between the one that was set before it and the one that was set after it. */
interface Entry<V> {
  readonly key: string;
  readonly value: V;
  readonly size: number;
  older: Entry<V> | undefined;
  newer: Entry<V> | undefined;
}

/**
 * A Map that finds its oldest entry in constant time. A JavaScript `Map` finds its first key by skipping the slots of all entries that were deleted
 * before it, up to as many as it has entries: a full Map that is bounded to 100,000 entries took 48 µs for each new one.
 */
export class OldestFirst<V> {
  readonly #entries = new Map<string, Entry<V>>();
  #oldest: Entry<V> | undefined;
  #newest: Entry<V> | undefined;
  #total = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** The sizes of all entries, added up. */
  get total(): number {
    return this.#total;
  }

  /** The entry that was set before all others. */
  get oldest(): { readonly key: string; readonly value: V } | undefined {
    return this.#oldest;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }

  /**
   * Sets an entry, which is then the newest, even if the key had a value before.
   *
   * @param size what the entry adds to `total`
   */
  set(key: string, value: V, size = 0): void {
    this.delete(key);
    const entry: Entry<V> = { key, value, size, older: this.#newest, newer: undefined };
    this.#total += size;
    if (this.#newest) this.#newest.newer = entry;
    else this.#oldest = entry;
    this.#newest = entry;
    this.#entries.set(key, entry);
  }

  /** @returns whether there was one */
  delete(key: string): boolean {
    const entry = this.#entries.get(key);
    if (!entry) return false;
    const { older, newer, size } = entry;
    this.#total -= size;
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (newer) newer.older = older;
    else this.#newest = older;
    return this.#entries.delete(key);
  }

  /** Deletes the oldest entry, and again the then oldest one, while `isUnwanted` is true for it. */
  deleteWhile(isUnwanted: (value: V) => boolean): void {
    while (this.#oldest && isUnwanted(this.#oldest.value)) this.delete(this.#oldest.key);
  }
}

/**
 * Makes the value of each key once, and keeps the values that were used last (an LRU cache).
 *
 * @param limit how many values are kept at most
 * @param longest how many characters all keys have together at most: bounds the memory if values are made from texts that strangers send
 */
export function recentlyUsed<V extends object>(
  limit: number,
  make: (key: string) => V,
  longest = Number.POSITIVE_INFINITY,
): (key: string) => V {
  const kept = new OldestFirst<V>();
  return (key) => {
    const value = kept.get(key) ?? make(key);
    kept.set(key, value, key.length);
    kept.deleteWhile(() => kept.size > limit || kept.total > longest);
    return value;
  };
}
