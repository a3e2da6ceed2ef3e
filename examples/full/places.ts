/** Limits on what a user may store. They also hold for concurrent requests, in all processes. */
import type { Collections } from './storage/index.js';

/**
 * Puts a value into the first free one of numbered places. Each place is taken once, so there are never more values than places. A text that already has a
 * place keeps it.
 *
 * @param most how many places there are
 * @returns whether there was a place
 */
export async function takePlace(
  collections: Collections,
  collection: string,
  most: number,
  value: unknown,
): Promise<boolean> {
  const taken = await collections.list(collection);
  if ([...taken.values()].includes(value)) return true;
  for (let place = 0; place < most; place += 1) {
    if (taken.has(`${place}`)) continue;
    if (await collections.add(collection, `${place}`, value)) return true;
    if ((await collections.get(collection, `${place}`)) === value) return true; // a concurrent request has stored the same value
  }
  return false;
}
