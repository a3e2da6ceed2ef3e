import type { Workload } from '../workloads/workload.js';

export interface Effort {
  /** Operations before the first that counts: every path has run, and has its machine code. */
  readonly warmUp: number;
  /** Each is counted for itself, so that there is a spread. */
  readonly blocks: number;
  /** Requests of a block. */
  readonly requests: number;
  /** Size of the young generation in MiB. */
  readonly young: number;
}

export type EffortName = 'whole' | 'fine';

/**
 * `whole` has a small young generation, so that every block collects its garbage several times and pays for what it allocates: once more or once less
 * is 1 to 2 %. `fine` has one that is never full: what differs by 0.3 % shows, and what garbage costs does not.
 */
export const efforts: Readonly<Record<EffortName, Effort>> = {
  whole: { warmUp: 60, blocks: 5, requests: 90, young: 1 },
  fine: { warmUp: 20, blocks: 3, requests: 30, young: 256 },
};

/** How often a block does a workload. */
export function operationsOf(workload: Workload, { requests }: Effort): number {
  return Math.ceil(requests / workload.requests);
}
