import { type Expiring, ExpiryOrder } from './expiry-order.js';

/** How many expired items one call removes in addition to those whose room it needs, so that more items are removed than added. */
const SWEEP = 16;

/** A bounded collection of items that expire. Each sort of item has a collection of its own, so that one sort cannot take the room of another. */
export class Shelf<T extends Expiring> {
  readonly #items = new ExpiryOrder<T>();
  readonly #max: number;
  /** Removes an item from the other indexes of the store. */
  readonly #forget: (item: T) => void;

  constructor(max: number, forget: (item: T) => void) {
    this.#max = max;
    this.#forget = forget;
  }

  add(item: T): void {
    this.#items.add(item);
  }

  drop(item: T): void {
    this.#items.remove(item);
    this.#forget(item);
  }

  /** Changes when an item expires. */
  expire(item: T, expiresAt: number): void {
    this.#items.remove(item);
    item.expiresAt = expiresAt;
    this.#items.add(item);
  }

  /** Removes expired items. @param items how many are to be added. @returns whether there is room for them */
  sweep(items: number, now: number): boolean {
    for (let swept = 0; swept < items + SWEEP || this.#isFull(items); swept++) {
      const { first } = this.#items;
      if (!first || first.expiresAt > now) break;
      this.drop(first);
    }
    return !this.#isFull(items);
  }

  /** Removes the item that expires first, even if it has not expired yet. */
  dropFirst(): void {
    const { first } = this.#items;
    if (first) this.drop(first);
  }

  /** Seconds until the first item expires. */
  patience(now: number): number {
    return Math.ceil((this.#items.first?.expiresAt ?? now) - now);
  }

  #isFull(items: number): boolean {
    return this.#items.size + items > this.#max;
  }
}
