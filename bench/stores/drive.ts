/** Does operations, so many at a time, and measures them. */
import type { NewOperation, UsedByDatabase } from './contestant.js';

export interface Figures {
  readonly perSecond: number;
  /** Microseconds of this process’s CPU for one operation, and of the database’s. */
  readonly cpu: number;
  readonly database: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Works for so long with each. @returns how long each operation took, in milliseconds */
async function work(operations: readonly (() => Promise<void>)[], seconds: number): Promise<readonly number[]> {
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1000;
  const user = async (operation: () => Promise<void>): Promise<void> => {
    for (let begun = performance.now(); begun < end; begun = performance.now()) {
      await operation();
      latencies.push(performance.now() - begun);
    }
  };
  await Promise.all(operations.map(user));
  return latencies;
}

export interface Driver {
  /** One turn. @returns its figures */
  turn(seconds: number): Promise<Figures>;
}

/** @param concurrent how many operations are under way at a time */
export async function ready(make: NewOperation, concurrent: number, used: UsedByDatabase): Promise<Driver> {
  const operations: (() => Promise<void>)[] = [];
  while (operations.length < concurrent) operations.push(await make());
  return {
    async turn(seconds) {
      const before = { database: await used(), cpu: process.cpuUsage(), at: performance.now() };
      const latencies = [...(await work(operations, seconds))].sort((one, other) => one - other);
      const elapsed = (performance.now() - before.at) / 1000;
      const { user, system } = process.cpuUsage(before.cpu);
      const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
      return {
        perSecond: latencies.length / elapsed,
        cpu: (user + system) / latencies.length,
        database: ((await used()) - before.database) / latencies.length,
        p50: at(0.5),
        p99: at(0.99),
      };
    },
  };
}
