/** How long something took, and how late the event loop was, between two looks. */

export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1), count: sorted.length };
}

/** Milliseconds, gathered until somebody looks. */
export class Times {
  #values: number[] = [];

  add(milliseconds: number): void {
    this.#values.push(milliseconds);
  }

  async of<T>(work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const done = await work();
    this.add(performance.now() - begun);
    return done;
  }

  look(): Spread {
    const seen = spreadOf(this.#values);
    this.#values = [];
    return seen;
  }
}

/** Milliseconds between two looks at the clock. */
const TICK = 5;

export interface Pauses {
  /** By how much a timer came too late. Another process that has the core makes it late, too. */
  readonly late: Spread;
  /** What this process computed from one tick to the next, all its threads together: no more than that of a pause was its own. */
  readonly busy: Spread;
}

/** Looks at the event loop all the time. @returns what tells how it was since the look before */
export function watchLoop(): () => Pauses {
  const [late, busy] = [new Times(), new Times()];
  let [at, used] = [performance.now(), process.cpuUsage()];
  const tick = (): void => {
    late.add(Math.max(0, performance.now() - at - TICK));
    const { user, system } = process.cpuUsage(used);
    busy.add((user + system) / 1000);
    [at, used] = [performance.now(), process.cpuUsage()];
    setTimeout(tick, TICK);
  };
  setTimeout(tick, TICK);
  return () => ({ late: late.look(), busy: busy.look() });
}
