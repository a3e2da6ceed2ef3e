import { OldestFirst } from '../oldest-first.js';
import { StoreUnavailableError } from './store.js';

/** Seconds for which it is remembered: longer than any client waits that was told to try again. */
const REMEMBERED = 3600;

/** A bound on memory. */
const MOST = 10_000;

interface Entry {
  readonly first: number;
  readonly until: number;
}

/**
 * Codes and refresh tokens whose request was answered "try again later" because the store did not answer. When such a one comes again, its
 * client does what it was told, and is no thief. It is known to the process that said so.
 */
export class GivenUp {
  readonly #entries = new OldestFirst<Entry>();

  /** When that was said first, in epoch seconds; undefined where it was not said, or is forgotten. */
  since(id: string, now: number): number | undefined {
    const entry = this.#entries.get(id);
    return entry && entry.until > now ? entry.first : undefined;
  }

  has(id: string, now: number): boolean {
    return this.since(id, now) !== undefined;
  }

  add(id: string, now: number): void {
    const first = this.since(id, now) ?? now;
    this.#entries.set(id, { first, until: now + REMEMBERED });
    this.#entries.deleteWhile(() => this.#entries.size > MOST);
  }

  /** Waits for work that needs the store, and remembers where it did not answer. @param id what is then remembered. @throws StoreUnavailableError */
  async during<T>(work: () => PromiseLike<T>, id: () => string, now: () => number): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreUnavailableError) this.add(id(), now());
      throw error;
    }
  }
}
