/** Seconds by a clock of this process that only ever goes forward: neither the operator nor NTP sets it. */
export function here(): number {
  return performance.now() / 1000;
}

/**
 * What the database's clock shows, as far as this process can tell. Deadlines are sent to the database in its own time.
 *
 * The time in an answer was read after the question was sent, and before the answer came. So the database's clock is ahead of ours by at
 * least `told - answered`, and by at most `told - sent`. Deadlines are computed with the least: then a statement is refused a little too
 * early, and never takes effect after its caller has given up.
 */
export class DatabaseTime {
  #ahead: number | undefined;

  get isKnown(): boolean {
    return this.#ahead !== undefined;
  }

  /**
   * @param sent when the question was sent, by `here()`
   * @param answered when its answer came, by `here()`
   * @param told the database's time in that answer, in epoch seconds
   */
  note(sent: number, answered: number, told: number): void {
    const [least, most] = [told - answered, told - sent];
    // Of two lower bounds the higher one is closer. What lies above an upper bound is out of date: the database's clock was set back.
    this.#ahead = this.#ahead === undefined || this.#ahead > most ? least : Math.max(this.#ahead, least);
  }

  /** What was known is wrong: the database's clock was set forward, or this machine slept. */
  forget(): void {
    this.#ahead = undefined;
  }

  /** The database's time, in epoch seconds, at a moment by `here()`. Before every other while nothing is known, so that nothing is in time. */
  at(moment: number): number {
    return moment + (this.#ahead ?? Number.NEGATIVE_INFINITY);
  }
}
