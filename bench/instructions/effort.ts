import type { Workload } from '../workloads/workload.js';

/** Operations before the first that counts: every path has run, and has its machine code. */
export const WARM_UP = 60;

/** Each is counted for itself, so that there is a spread. */
export const BLOCKS = 5;

/** How often a block does a workload: garbage is collected several times meanwhile. */
export function operationsOf({ requests }: Workload): number {
  return Math.ceil(90 / requests);
}
