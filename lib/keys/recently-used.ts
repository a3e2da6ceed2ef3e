/**
 * Makes the value of each key once, and keeps the values that were used last (an LRU cache).
 *
 * @param limit how many values are kept at most
 */
export function recentlyUsed<V>(limit: number, make: (key: string) => V): (key: string) => V {
  const kept = new Map<string, V>();
  return (key) => {
    const value = kept.has(key) ? (kept.get(key) as V) : make(key);
    kept.delete(key); // a Map keeps the order of insertion: the least recently used is the first
    kept.set(key, value);
    const [oldest] = kept.keys();
    if (kept.size > limit && oldest !== undefined) kept.delete(oldest);
    return value;
  };
}
