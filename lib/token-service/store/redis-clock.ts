import type { StoreClock } from '../store.js';

/**
 * The time of a Redis server, by which deadlines are told. How far it is from this machine's is learnt from each answer that says it; in a cluster,
 * whose servers have clocks of their own, from the answer that came last.
 */
export class RedisClock {
  readonly #clock: StoreClock;
  /** Seconds by which the server is ahead. */
  #ahead = 0;

  constructor(clock: StoreClock) {
    this.#clock = clock;
  }

  /** What scripts are told of the time: nothing, where the server's own is meant. */
  get given(): string {
    return this.#clock === 'database' ? '' : `${this.#clock()}`;
  }

  /** The server's time at which somebody who waits so many seconds has given up. */
  deadline(seconds: number): string {
    const now = this.#clock === 'database' ? Date.now() / 1000 + this.#ahead : this.#clock();
    return (now + seconds).toFixed(6);
  }

  /** @param time what the server said, in an answer that has just come */
  learn(time: number): void {
    this.#ahead = time - Date.now() / 1000;
  }
}
