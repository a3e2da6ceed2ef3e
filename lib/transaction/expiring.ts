import { OldestFirst } from '../oldest-first.js';

interface Bounds<V> {
  /** The time in epoch seconds. */
  readonly now: () => number;
  /** Seconds for which a value is kept. */
  readonly lifetime: number;
  /** How many values are kept at most. */
  readonly max: number;
  /** The largest size of all values together: strangers may choose how large a value is. */
  readonly largest?: number;
  /** Gives the size of a value when it is set. */
  readonly sizeOf?: (value: V) => number;
}

/** A map that drops each value after its lifetime, and the oldest one when it is full. */
export class Expiring<V> {
  readonly #entries = new OldestFirst<{ readonly value: V; readonly expiresAt: number }>();
  readonly #bounds: Bounds<V>;

  constructor(bounds: Bounds<V>) {
    this.#bounds = bounds;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.expiresAt >= this.#bounds.now() ? entry.value : undefined;
  }

  set(key: string, value: V): void {
    const { now, lifetime, max, largest = Number.POSITIVE_INFINITY, sizeOf } = this.#bounds;
    const time = now();
    const entries = this.#entries;
    entries.set(key, { value, expiresAt: time + lifetime }, sizeOf?.(value));
    entries.deleteWhile(({ expiresAt }) => expiresAt < time || entries.size > max || entries.total > largest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
