/**
 * Makes what belongs to a key once, and keeps what was used last.
 *
 * @param limit how many are kept at most
 */
export function recentlyUsed<V>(limit: number, make: (key: string) => V): (key: string) => V {
  const kept = new Map<string, V>();
  return (key) => {
    const value = kept.has(key) ? (kept.get(key) as V) : make(key);
    kept.delete(key); // a Map is in order of insertion: the least recently used stands first
    kept.set(key, value);
    const [oldest] = kept.keys();
    if (kept.size > limit && oldest !== undefined) kept.delete(oldest);
    return value;
  };
}
