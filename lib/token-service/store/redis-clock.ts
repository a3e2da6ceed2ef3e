import type { StoreClock } from '../store.js';
import { here } from './deadline.js';

/**
 * Estimates the time of the Redis server's clock, because deadlines are sent in the server's time. Each answer that contains the server's time
 * updates the difference from the monotonic clock of this process, so that it does not matter how this machine's clock is set. The servers of a cluster
 * have clocks of their own: there, the last answer counts.
 */
export class RedisClock {
  readonly #clock: StoreClock;
  /** Seconds by which the server's clock is ahead of `here()`, at the least. Before the first answer, every deadline has passed. */
  #ahead = Number.NEGATIVE_INFINITY;

  constructor(clock: StoreClock) {
    this.#clock = clock;
  }

  /** The time for the scripts; an empty string means the server's own clock. */
  get given(): string {
    return this.#clock === 'database' ? '' : `${this.#clock()}`;
  }

  /** The server's time at which the caller gives up. @param seconds how long the caller still waits */
  deadline(seconds: number): string {
    const now = this.#clock === 'database' ? here() + this.#ahead : this.#clock();
    return Math.max(0, now + seconds).toFixed(6);
  }

  /** @param time the server's time, in an answer that has just arrived */
  learn(time: number): void {
    this.#ahead = time - here();
  }
}
