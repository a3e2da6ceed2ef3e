/** A table of a database: each operation is atomic, as one statement is, and takes 1 to 10 ms. */
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from './random.js';

const random = seeded(1);

/** Carries out one operation of a store in the middle of a round trip of 1 to 10 ms. */
export async function roundTrip<T>(operate: () => T | Promise<T>): Promise<T> {
  const half = (1 + 9 * random()) / 2;
  await sleep(half);
  const result = await operate();
  await sleep(half);
  return result;
}

export class Records<T> {
  readonly #rows = new Map<string, T>();

  get(key: string): Promise<T | undefined> {
    return roundTrip(() => this.#rows.get(key));
  }

  put(key: string, row: T): Promise<void> {
    return roundTrip(() => void this.#rows.set(key, row));
  }

  /** Removes a row if it is so. @returns the row that this call removed. */
  take(key: string, isSo: (row: T) => boolean = () => true): Promise<T | undefined> {
    return roundTrip(() => {
      const row = this.#rows.get(key);
      return row !== undefined && isSo(row) && this.#rows.delete(key) ? row : undefined;
    });
  }

  /** Changes a row if it is there and so. @returns whether this call changed it. */
  update(key: string, isSo: (row: T) => boolean, change: Partial<T>): Promise<boolean> {
    return roundTrip(() => {
      const row = this.#rows.get(key);
      if (row === undefined || !isSo(row)) return false;
      this.#rows.set(key, { ...row, ...change });
      return true;
    });
  }

  removeAll(isSo: (row: T) => boolean): Promise<void> {
    return roundTrip(() => {
      for (const [key, row] of this.#rows) if (isSo(row)) this.#rows.delete(key);
    });
  }
}
