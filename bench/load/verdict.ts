/** Whether memory is flat: what is there in the last third of a run, beside what was there in the second. */
import type { Minute, Soak } from './soak.js';

/** Fewer minutes tell nothing: what lives longest must have begun to end before the second third. */
const LEAST = 9;

/** What cannot be told from noise: of the heap, and of the whole process, which the system hands out in large pieces. */
const NOISE = { heap: 0.05, rss: 0.1 } as const;

const MEGABYTE = 1024 * 1024;

export interface Verdict {
  readonly isFlat: boolean | undefined;
  /** In plain words. */
  readonly text: string;
}

type Figure = (minute: Minute) => number;

function mean(minutes: readonly Minute[], figure: Figure): number {
  return minutes.reduce((sum, minute) => sum + figure(minute), 0) / minutes.length;
}

/** Bytes that something takes in the process: a record as the growth in bench/RESULTS.md has it, a mark by its parts, an answered dialog as heap snapshots of a run have it. */
const BYTES = { record: 670, mark: 200, dialog: 207 } as const;

/** Bytes of what the process keeps for those who came, and will drop in time: PostgreSQL keeps records and marks elsewhere. */
function keptBy({ store }: Soak): Figure {
  return ({ held, dialogs }) =>
    (store === 'memory' ? held.live * BYTES.record + held.revoked * BYTES.mark : 0) + dialogs * BYTES.dialog;
}

const percent = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)} %`;
const megabytes = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(1)} MB`;

/** How much more there is in the last third than in the second, and how much of that is no more than what is kept. */
function compare(soak: Soak, name: keyof typeof NOISE) {
  const third = Math.floor(soak.minutes.length / 3);
  const last = soak.minutes.slice(-third);
  const second = soak.minutes.slice(-2 * third, -third);
  const kept = mean(last, keptBy(soak)) - mean(second, keptBy(soak));
  const figure: Figure = (minute) => minute[name];
  const [earlier, actual] = [mean(second, figure), mean(last, figure)];
  return { earlier, actual, kept, unexplained: (actual - earlier - Math.max(0, kept)) / earlier };
}

export function verdictOn(soak: Soak): Verdict {
  if (soak.minutes.length < LEAST)
    return { isFlat: undefined, text: `Too short to say whether memory is flat: that takes ${LEAST} minutes.` };
  const heap = compare(soak, 'heap');
  const rss = compare(soak, 'rss');
  const isFlat = heap.unexplained <= NOISE.heap && rss.unexplained <= NOISE.rss;
  const from = ({ earlier, actual }: typeof heap): string => `from ${megabytes(earlier)} to ${megabytes(actual)}`;
  const text =
    `Memory ${isFlat ? 'is flat' : 'GROWS'}. From the second third of the run to the last, the heap went ${from(heap)}, the process ` +
    `${from(rss)}; what is kept for its time went up by ${megabytes(heap.kept)}. What that does not explain: ` +
    `${percent(heap.unexplained)} of the heap, ${percent(rss.unexplained)} of the process ` +
    `(up to ${percent(NOISE.heap)} and ${percent(NOISE.rss)} is noise).`;
  return { isFlat, text };
}
