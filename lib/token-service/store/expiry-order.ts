import { ExpiryHeap, type InHeap } from './expiry-heap.js';

/** An item that expires. */
export interface Expiring {
  /** Epoch seconds. */
  expiresAt: number;
  /** The index among the items of the same second, which ExpiryOrder sets. */
  place: number;
}

/** The items that expire in the same second. */
interface Second<T> extends InHeap {
  /** The end of that second: by then all of them have expired. */
  readonly expiresAt: number;
  readonly items: T[];
}

/**
 * Gives an item that expires first, to the second. Adding and removing take constant time, or the logarithm of the number of seconds in which something
 * expires. With a million tokens, a heap of all items would move some 20 of them, which are all over the memory, whenever a refresh token is spent.
 */
export class ExpiryOrder<T extends Expiring> {
  readonly #seconds = new Map<number, Second<T>>();
  readonly #heap = new ExpiryHeap<Second<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** If several items expire in the same second, any of them. */
  get first(): T | undefined {
    return this.#heap.first?.items.at(-1);
  }

  add(item: T): void {
    const { items } = this.#secondOf(item.expiresAt);
    item.place = items.length;
    items.push(item);
    this.#size += 1;
  }

  /** @param item an item that was added; its `expiresAt` must not have changed */
  remove(item: T): void {
    const second = this.#secondOf(item.expiresAt);
    const { items } = second;
    const last = items.pop();
    if (last !== undefined && last !== item) {
      items[item.place] = last;
      last.place = item.place;
    }
    this.#size -= 1;
    if (items.length > 0) return;
    this.#seconds.delete(second.expiresAt);
    this.#heap.remove(second);
  }

  #secondOf(expiresAt: number): Second<T> {
    const end = Math.ceil(expiresAt);
    const known = this.#seconds.get(end);
    if (known) return known;
    const second = { expiresAt: end, place: 0, items: [] };
    this.#seconds.set(end, second);
    this.#heap.add(second);
    return second;
  }
}
