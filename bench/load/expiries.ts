/** Epoch seconds. */
export const now = (): number => Math.floor(Date.now() / 1000);

/** How many things have not expired yet, without keeping any of them. */
export class Expiries {
  readonly #bySecond = new Map<number, number>();

  /** @param expiresAt epoch seconds */
  add(expiresAt: number): void {
    this.#bySecond.set(expiresAt, (this.#bySecond.get(expiresAt) ?? 0) + 1);
  }

  count(): number {
    let sum = 0;
    for (const [second, count] of this.#bySecond) {
      if (second > now()) sum += count;
      else this.#bySecond.delete(second);
    }
    return sum;
  }
}
