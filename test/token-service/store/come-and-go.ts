/** Adds and removes items in an order that looks random and is the same each time, and looks at what is there after each step. */
export interface Comings<T> {
  make(random: (below: number) => number): T;
  add(item: T): void;
  remove(item: T): void;
  /** @param items all that are there */
  check(items: readonly T[]): void;
}

export function comeAndGo<T>({ make, add, remove, check }: Comings<T>): void {
  const items: T[] = [];
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let i = 0; i < 20_000; i++) {
    if (random(100) < 51 || items.length === 0) {
      const item = make(random);
      items.push(item);
      add(item);
    } else for (const gone of items.splice(random(items.length), 1)) remove(gone);
    check(items);
  }
}
