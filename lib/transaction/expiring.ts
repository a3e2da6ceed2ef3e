import { OldestFirst } from '../oldest-first.js';

interface Bounds {
  /** The time in epoch seconds. */
  readonly now: () => number;
  /** Seconds for which a value is kept. */
  readonly lifetime: number;
  /** How many values are kept at most. */
  readonly max: number;
}

/** A map that drops each value after its lifetime, and the oldest one when it is full. */
export class Expiring<V> {
  readonly #entries = new OldestFirst<{ readonly value: V; readonly expiresAt: number }>();
  readonly #bounds: Bounds;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.expiresAt >= this.#bounds.now() ? entry.value : undefined;
  }

  set(key: string, value: V): void {
    const { now, lifetime, max } = this.#bounds;
    const time = now();
    this.#entries.deleteWhile(({ expiresAt }) => expiresAt < time || this.#entries.size >= max);
    this.#entries.set(key, { value, expiresAt: time + lifetime });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
