import { type Expiring, ExpiryHeap } from './expiry-heap.js';

/** Expired items that one call removes besides those whose room it needs: more than come in, so that all of them go in the end. */
const SWEEP = 16;

/** Items of one sort, at most so many: what fills one shelf takes no room from another. */
export class Shelf<T extends Expiring> {
  readonly #heap = new ExpiryHeap<T>();
  readonly #max: number;
  /** Removes an item from wherever else it is known. */
  readonly #forget: (item: T) => void;

  constructor(max: number, forget: (item: T) => void) {
    this.#max = max;
    this.#forget = forget;
  }

  add(item: T): void {
    this.#heap.add(item);
  }

  drop(item: T): void {
    this.#heap.remove(item);
    this.#forget(item);
  }

  /** Moves an item to where its new expiry belongs. */
  expire(item: T, expiresAt: number): void {
    this.#heap.remove(item);
    item.expiresAt = expiresAt;
    this.#heap.add(item);
  }

  /** Removes what expired. @returns whether so many more have room */
  sweep(items: number, now: number): boolean {
    for (let swept = 0; swept < items + SWEEP || this.#isFull(items); swept++) {
      const { first } = this.#heap;
      if (!first || first.expiresAt > now) break;
      this.drop(first);
    }
    return !this.#isFull(items);
  }

  /** Removes whatever expires first, expired or not. */
  dropFirst(): void {
    const { first } = this.#heap;
    if (first) this.drop(first);
  }

  /** Seconds until something expires. */
  patience(now: number): number {
    return Math.ceil((this.#heap.first?.expiresAt ?? now) - now);
  }

  #isFull(items: number): boolean {
    return this.#heap.size + items > this.#max;
  }
}
