/** Seconds for which it is remembered: longer than any client waits that was told to try again. */
const REMEMBERED = 3600;

/** A bound on memory. */
const MOST = 10_000;

/**
 * Codes and refresh tokens whose request was answered "try again later" because the store did not answer: nobody knows whether they were
 * spent. When such a one comes again, its client does what it was told, and is no thief. It is known to the process that said so.
 */
export class GivenUp {
  readonly #until = new Map<string, number>();

  has(id: string, now: number): boolean {
    return (this.#until.get(id) ?? Number.NEGATIVE_INFINITY) > now;
  }

  add(id: string, now: number): void {
    this.#until.delete(id);
    this.#until.set(id, now + REMEMBERED);
    const [oldest] = this.#until.keys(); // a Map is in order of insertion
    if (this.#until.size > MOST && oldest !== undefined) this.#until.delete(oldest);
  }
}
