/** What a heap holds. */
export interface InHeap {
  /** Epoch seconds. */
  readonly expiresAt: number;
  /** The index in the heap, which the heap sets. */
  place: number;
}

/**
 * A binary heap that gives the item that expires first. Adding and removing take logarithmic time. An item that expires after all others, which is
 * the usual case, is added in constant time.
 */
export class ExpiryHeap<T extends InHeap> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  remove(item: T): void {
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#sink(last, item.place);
    this.#rise(last, last.place);
  }

  #set(item: T, place: number): void {
    this.#items[place] = item;
    item.place = place;
  }

  #rise(item: T, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#items[above];
      if (parent === undefined || parent.expiresAt <= item.expiresAt) break;
      this.#set(parent, place);
      place = above;
    }
    this.#set(item, place);
  }

  #sink(item: T, from: number): void {
    let place = from;
    for (;;) {
      const left = this.#items[2 * place + 1];
      const right = this.#items[2 * place + 2];
      const child = left && right && right.expiresAt < left.expiresAt ? right : left;
      if (child === undefined || child.expiresAt >= item.expiresAt) break;
      const below = child.place;
      this.#set(child, place);
      place = below;
    }
    this.#set(item, place);
  }
}
