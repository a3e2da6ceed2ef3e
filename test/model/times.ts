/** What time it is, for whom: the store has a clock, and each of the processes has one that differs. */
import type { Place as Which } from './commands.js';
import type { Moment } from './family.js';

/** The time of the store, for all runs. */
export interface Clock {
  now: number;
}

/** 2026-01-01. */
export const START = 1_767_225_600;

export interface TimesOptions {
  readonly clock: Clock;
  /** Seconds by which the clock of each process is ahead of the store's. */
  readonly skews: readonly [number, number];
  /** Seconds that the store keeps what has expired. */
  readonly purgeDelay: number;
  /** A store of one process has no clock of its own, and goes by that of whoever asks. */
  readonly hasClock: boolean;
  readonly grace: number;
}

export class Times {
  readonly #options: TimesOptions;
  /** The latest that it ever was for whoever removes what has expired. */
  #latest = Number.NEGATIVE_INFINITY;

  constructor(options: TimesOptions) {
    this.#options = options;
    this.tick(0);
  }

  tick(seconds: number): void {
    const { clock, hasClock, skews } = this.#options;
    clock.now += seconds;
    this.#latest = Math.max(this.#latest, clock.now + (hasClock ? 0 : Math.max(...skews)));
  }

  now(which: Which): number {
    return this.#options.clock.now + this.#options.skews[which];
  }

  /** @param process the one that is asked */
  moment(which: Which, process: number): Moment {
    const now = this.now(which);
    const { clock, hasClock, grace, purgeDelay } = this.#options;
    // a sealed answer does not outlive its window: what is spent is removed without delay
    const gone = { spent: this.#latest, unspent: this.#latest - (hasClock ? purgeDelay : 0) };
    return { now, store: hasClock ? clock.now : now, gone, grace, process };
  }
}
