interface Bounds {
  /** The time in epoch seconds. */
  readonly now: () => number;
  /** Seconds after which a value is forgotten. */
  readonly lifetime: number;
  /** How many values there may be; the oldest goes first. */
  readonly most: number;
}

/** A map that forgets its values after a time, and the oldest one when there are too many. */
export class Expiring<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly expiresAt: number }>();
  readonly #bounds: Bounds;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.expiresAt >= this.#bounds.now() ? entry.value : undefined;
  }

  set(key: string, value: V): void {
    const { now, lifetime, most } = this.#bounds;
    for (const [oldest, { expiresAt }] of this.#entries) {
      if (expiresAt >= now() && this.#entries.size < most) break;
      this.#entries.delete(oldest);
    }
    this.#entries.delete(key); // so that it becomes the newest
    this.#entries.set(key, { value, expiresAt: now() + lifetime });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
