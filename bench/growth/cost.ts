/** Measures operations by the batch: many at once, as a server has them. */
import type { Cost } from './protocol.js';

/** How many are under way at a time. */
export const AT_ONCE = 50;

/** Something to measure, by the batch, with what must be there before and gone after. */
export interface Measured {
  /** What to run at once: its own time is not measured. Each throws where the answer is not the right one. */
  readonly prepare: () => Promise<readonly (() => Promise<void>)[]>;
  /** After each batch, unmeasured too: so that what is live stays as it was. */
  readonly clear?: () => Promise<void>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** What it takes to do something. */
export async function costOf(work: () => Promise<unknown>, operations = 1): Promise<Cost> {
  const before = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = (performance.now() - start) * 1000;
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / operations, wall: wall / operations };
}

async function batch({ prepare, clear }: Measured): Promise<Cost> {
  const operations = await prepare();
  const cost = await costOf(() => Promise.all(operations.map((operation) => operation())), operations.length);
  await clear?.();
  return cost;
}

export function medianCost(costs: readonly Cost[]): Cost {
  return { cpu: median(costs.map(({ cpu }) => cpu)), wall: median(costs.map(({ wall }) => wall)) };
}

export async function warmUp(measured: Measured, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) await batch(measured);
}

/** One round: the mean of its batches. */
export async function meanOf(measured: Measured, batches: number): Promise<Cost> {
  const sum = { cpu: 0, wall: 0 };
  for (let i = 0; i < batches; i++) {
    const { cpu, wall } = await batch(measured);
    sum.cpu += cpu / batches;
    sum.wall += wall / batches;
  }
  return sum;
}

/** Does it for each number below `count`, so many at a time. */
export async function inParallel(count: number, atOnce: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
