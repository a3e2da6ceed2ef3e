/** How long a transaction may wait, in seconds. */
export const LIFETIME = 10 * 60;

/** More than one machine can ask its users in ten minutes; a bound on memory, not on use. */
const MOST = 100_000;

/**
 * The replay guard: remembers which transactions were answered. A session in a cookie can be shown again by its owner with
 * the transaction still in it; for as long as the transaction is young enough to count, this says that it was answered.
 */
export class Answered {
  readonly #expiries = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  has(id: string): boolean {
    return this.#expiries.has(id);
  }

  add(id: string): void {
    for (const [oldest, expiry] of this.#expiries) {
      if (expiry >= this.#now() && this.#expiries.size < MOST) break;
      this.#expiries.delete(oldest);
    }
    this.#expiries.set(id, this.#now() + LIFETIME);
  }
}
