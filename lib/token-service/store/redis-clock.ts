import type { StoreClock } from '../store.js';

/**
 * Estimates the time of the Redis server's clock, because deadlines are sent in the server's time. Each answer that contains the server's time
 * updates the difference from this machine's clock. The servers of a cluster have clocks of their own: there, the last answer counts.
 */
export class RedisClock {
  readonly #clock: StoreClock;
  /** Seconds by which the server's clock is ahead of this machine's. */
  #ahead = 0;

  constructor(clock: StoreClock) {
    this.#clock = clock;
  }

  /** The time for the scripts; an empty string means the server's own clock. */
  get given(): string {
    return this.#clock === 'database' ? '' : `${this.#clock()}`;
  }

  /** The server's time in so many seconds, when the caller will have given up. */
  deadline(seconds: number): string {
    const now = this.#clock === 'database' ? Date.now() / 1000 + this.#ahead : this.#clock();
    return (now + seconds).toFixed(6);
  }

  /** @param time the server's time, in an answer that has just arrived */
  learn(time: number): void {
    // Date.now() is up to a millisecond behind this machine's clock. Without that millisecond, a deadline could come after the caller has given up, and a write would still be done.
    this.#ahead = time - (Date.now() + 1) / 1000;
  }
}
