/** Changes whose effect nobody knows, because the store failed or did not answer: they are undone once the store answers again. */
import { here } from './store/deadline.js';

/**
 * Finds out whether the change took effect, and undoes it if it did. It is called again after a failure, and never twice at the same time.
 *
 * @returns whether nothing is left to do. `false` if the change has had no effect until now
 */
export type Undo = () => Promise<boolean>;

/** The changes under one key. */
interface Changes {
  readonly undos: Set<Undo>;
  /** When the last one failed, in seconds by the monotonic clock. */
  since: number;
  running?: Promise<void> | undefined;
}

/** Seconds for which a change is remembered: a dialog waits no longer. */
const REMEMBERED = 600;

/** Seconds within which a change may still take effect although its call has failed: the connection was lost, and the database goes on. */
export const LATE = 10;

/** Milliseconds between two attempts. */
const PAUSE = 1000;

/** How many failures one after the other end a round: the store is probably still away, and is not asked once for each key. */
const FAILURES = 3;

/** The most keys: a bound on memory. */
const MOST = 10_000;

/** The most changes under one key. There are several only if requests changed the same value at the same time. */
const MOST_OF_KEY = 8;

async function undoAll({ undos }: Changes): Promise<void> {
  for (const undo of [...undos]) if (await undo()) undos.delete(undo);
}

/** Deletes the first entry of a Map or a Set that has more than `most`. */
function dropOldest<K>(entries: Map<K, unknown> | Set<K>, most: number): void {
  if (entries.size <= most) return;
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    return;
  }
}

/**
 * Remembers the changes of this process whose effect is unknown. Each change is undone before its key is read again in this process, and otherwise about a
 * second after the store answers again, for the other processes. Nobody was given anything on account of a change that failed, so undoing it makes nothing
 * usable twice.
 */
export class UnsureChanges {
  readonly #changes = new Map<string, Changes>();
  #timer: NodeJS.Timeout | undefined;

  has(key: string): boolean {
    return this.#changes.has(key);
  }

  add(key: string, undo: Undo): void {
    const changes = this.#changes.get(key) ?? { undos: new Set(), since: 0 };
    changes.since = here();
    changes.undos.add(undo);
    dropOldest(changes.undos, MOST_OF_KEY);
    this.#changes.set(key, changes);
    dropOldest(this.#changes, MOST);
    this.#plan();
  }

  /** Undoes the changes of a key. @throws the error of the store, if it still fails */
  async settle(key: string): Promise<void> {
    const changes = this.#changes.get(key);
    if (!changes) return;
    changes.running ??= undoAll(changes).finally(() => {
      changes.running = undefined;
    });
    await changes.running;
    const isOver = changes.undos.size === 0 || here() - changes.since > LATE;
    if (isOver && this.#changes.get(key) === changes) this.#changes.delete(key);
  }

  #plan(): void {
    this.#timer ??= setTimeout(() => void this.#settleAll(), PAUSE).unref();
  }

  /** Undoes the changes of a key, or moves the key behind all others: a change that cannot be undone must not keep others from it. @returns whether it was undone */
  async #isSettled(key: string, changes: Changes): Promise<boolean> {
    try {
      await this.settle(key);
      return true;
    } catch {
      // the request that the change failed for was given the error of the store
      if (this.#changes.get(key) === changes && this.#changes.delete(key)) this.#changes.set(key, changes);
      return false;
    }
  }

  async #settleAll(): Promise<void> {
    for (const [key, { since }] of this.#changes) if (here() - since > REMEMBERED) this.#changes.delete(key);
    let failures = 0;
    for (const [key, changes] of [...this.#changes]) {
      failures = (await this.#isSettled(key, changes)) ? 0 : failures + 1;
      if (failures === FAILURES) break;
    }
    this.#timer = undefined;
    if (this.#changes.size > 0) this.#plan();
  }
}
