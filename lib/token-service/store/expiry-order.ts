import { ExpiryHeap, type InHeap } from './expiry-heap.js';

/** An item that expires. */
export interface Expiring {
  /** Epoch seconds. */
  expiresAt: number;
  /** The index in the heap of the items of the same second, which ExpiryOrder sets. */
  place: number;
}

/** The items that expire in the same second. */
interface Second<T extends Expiring> extends InHeap {
  /** The end of that second: by then all of them have expired. */
  readonly expiresAt: number;
  readonly items: ExpiryHeap<T>;
}

/**
 * Gives the item that expires first: the first item of the first second. Adding and removing take the logarithm of the number of items of one second, and of
 * the number of seconds in which something expires. With a million tokens, a heap of all items would move some 20 of them, which are all over the memory,
 * whenever a refresh token is spent.
 */
export class ExpiryOrder<T extends Expiring> {
  readonly #seconds = new Map<number, Second<T>>();
  readonly #heap = new ExpiryHeap<Second<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** If several items expire at the same time, any of them. */
  get first(): T | undefined {
    return this.#heap.first?.items.first;
  }

  add(item: T): void {
    this.#secondOf(item.expiresAt).items.add(item);
    this.#size += 1;
  }

  /** @param item an item that was added; its `expiresAt` must not have changed */
  remove(item: T): void {
    const second = this.#secondOf(item.expiresAt);
    second.items.remove(item);
    this.#size -= 1;
    if (second.items.size > 0) return;
    this.#seconds.delete(second.expiresAt);
    this.#heap.remove(second);
  }

  #secondOf(expiresAt: number): Second<T> {
    const end = Math.ceil(expiresAt);
    const known = this.#seconds.get(end);
    if (known) return known;
    const second = { expiresAt: end, place: 0, items: new ExpiryHeap<T>() };
    this.#seconds.set(end, second);
    this.#heap.add(second);
    return second;
  }
}
