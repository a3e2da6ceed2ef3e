import { OldestFirst } from '../oldest-first.js';

/**
 * Makes the value of each key once, and keeps the values that were used last (an LRU cache).
 *
 * @param limit how many values are kept at most
 */
export function recentlyUsed<V extends object>(limit: number, make: (key: string) => V): (key: string) => V {
  const kept = new OldestFirst<V>();
  return (key) => {
    const value = kept.get(key) ?? make(key);
    kept.set(key, value);
    kept.deleteWhile(() => kept.size > limit);
    return value;
  };
}
