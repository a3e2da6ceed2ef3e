import { OldestFirst } from '../oldest-first.js';
import { StoreUnavailableError } from './store.js';

/** Seconds for which an entry is remembered: longer than any client waits before it tries again. */
const REMEMBERED = 3600;

/** The most entries: a bound on memory. */
const MOST = 10_000;

interface Entry {
  readonly first: number;
  readonly until: number;
}

/**
 * Remembers codes and refresh tokens whose request was answered "try again later" because the store did not answer. If such a code or token is presented
 * again, its client does what it was told to do: this is not a theft. Only the process that gave that answer remembers it.
 */
export class GivenUp {
  readonly #entries = new OldestFirst<Entry>();

  /** When the first such answer was given, in epoch seconds; undefined if there was none, or it is forgotten. */
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

  /** Runs work that needs the store, and adds an entry if the store does not answer. @param id gives the ID of the entry. @throws StoreUnavailableError */
  async during<T>(work: () => PromiseLike<T>, id: () => string, now: () => number): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreUnavailableError) this.add(id(), now());
      throw error;
    }
  }
}
