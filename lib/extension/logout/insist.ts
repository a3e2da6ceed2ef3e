/**
 * Retries failed work. A user asks for a logout once: because of a store that fails for a moment, no token may stay valid, and no client may stay unnotified.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Awaitable } from '../../types.js';

/** Milliseconds before the second and the third try. */
export const PAUSES = [1000, 5000];

/** Waits. The timer does not keep the process alive. */
export function pause(milliseconds: number): Promise<void> {
  return delay(milliseconds, undefined, { ref: false });
}

/** Work that is tried until it succeeds, three times at most. */
export interface Insisted<T> {
  /** The result of the first try; undefined if it failed. It never rejects. */
  readonly first: Promise<T | undefined>;
  /** The result of the try that succeeds. It rejects with the error of the last try. */
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
