/**
 * Estimates the time of the database's clock, because deadlines are sent to the database in its own time.
 *
 * The database computes the time in an answer after the query was sent and before the answer arrived. So its clock is ahead of ours by at
 * least `told - answered` and by at most `told - sent`. Deadlines are computed with the lower bound: a statement may then be refused a little
 * too early, but never takes effect after its caller has given up.
 */
export class DatabaseTime {
  #ahead: number | undefined;

  get isKnown(): boolean {
    return this.#ahead !== undefined;
  }

  /**
   * @param sent when the query was sent, by `here()`
   * @param answered when the answer arrived, by `here()`
   * @param told the database's time in the answer, in epoch seconds
   */
  note(sent: number, answered: number, told: number): void {
    const [least, most] = [told - answered, told - sent];
    // The higher of two lower bounds is the closer one. A lower bound above an upper bound is outdated: the database's clock was set back.
    this.#ahead = this.#ahead === undefined || this.#ahead > most ? least : Math.max(this.#ahead, least);
  }

  /** Discards the estimate. It is wrong if the database's clock was set forward, or this machine was suspended. */
  forget(): void {
    this.#ahead = undefined;
  }

  /** The database's time in epoch seconds at a moment by `here()`. Without an estimate it is minus infinity, so that every statement is too late. */
  at(moment: number): number {
    return moment + (this.#ahead ?? Number.NEGATIVE_INFINITY);
  }
}
