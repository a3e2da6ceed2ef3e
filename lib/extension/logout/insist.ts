/** Tries again. A user asks for a logout once, so a store that fails for a moment must leave no token alive, and no client untold. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Awaitable } from '../../types.js';

/** Milliseconds before each further try. */
export const PAUSES = [1000, 5000];

/** A process that ends does not wait for it. */
export function pause(milliseconds: number): Promise<void> {
  return delay(milliseconds, undefined, { ref: false });
}

/** Work that is tried until it is done, three times at most. */
export interface Insisted<T> {
  /** What the first try gave; undefined where it failed. It never rejects. */
  readonly first: Promise<T | undefined>;
  /** It rejects with what the last try threw. */
  readonly result: Promise<T>;
}

async function again<T>(work: () => Awaitable<T>, [next = 0, ...later]: readonly number[]): Promise<T> {
  await pause(next);
  try {
    return await work();
  } catch (error) {
    if (later.length === 0) throw error;
  }
  return again(work, later);
}

export function insist<T>(work: () => Awaitable<T>): Insisted<T> {
  const first = (async () => work())();
  return { first: first.catch(() => undefined), result: first.catch(() => again(work, PAUSES)) };
}
