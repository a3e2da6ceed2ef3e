/** The table of what a purge costs those who use the store meanwhile. */
import { table } from '../report.js';
import type { Spread } from './pauses.js';
import type { StoreName } from './protocol.js';
import type { Neighbour, Seen } from './purge-protocol.js';
import { LABELS } from './tables.js';

/** What was seen in some seconds. */
export interface Phase {
  readonly seconds: number;
  readonly requests: Spread;
  readonly seen: Seen;
  /** Undefined where the store is of one process. */
  readonly neighbour: Neighbour | undefined;
}

export interface Purged {
  readonly store: StoreName;
  readonly records: number;
  /** Of each record. */
  readonly bytes: number;
  readonly before: Phase;
  readonly during: Phase;
  /** Share of the records that was still there in the end. */
  readonly left: number;
  /** Answers that were not what they should be. */
  readonly wrong: number;
}

const spread = ({ p50, p99, max }: Spread): string => [p50, p99, max].map((value) => value.toFixed(1)).join(' · ');

const LINES: readonly (readonly [string, (phase: Phase) => string])[] = [
  ['event loop late', ({ seen }) => spread(seen.pauses.late)],
  ['CPU of the server between two looks, 5 ms apart', ({ seen }) => spread(seen.pauses.busy)],
  ['longest collection of garbage', ({ seen }) => seen.garbage.toFixed(1)],
  ['request', ({ requests }) => spread(requests)],
  ['another client reads', ({ neighbour }) => (neighbour ? spread(neighbour.read) : '–')],
  ['another client writes', ({ neighbour }) => (neighbour ? spread(neighbour.write) : '–')],
];

function totalOf({ store, records, bytes, during, left, wrong }: Purged): string {
  const gone = Math.round(records * (1 - left));
  const { cpu } = during.seen;
  return `${LABELS[store]}: ${gone.toLocaleString('en')} of ${records.toLocaleString('en')} in ${during.seconds.toFixed(0)} s, ${Math.round(gone / during.seconds).toLocaleString('en')} in a second; the server computed for ${Math.round(cpu / during.seconds / 10)} % of that time. A record took ${Math.round(bytes)} bytes. Wrong answers: ${wrong}.`;
}

export function purgeTable(all: readonly Purged[]): string {
  const rows = all.flatMap(({ store, before, during }) =>
    LINES.map(([what, cell]) => [`${LABELS[store]}: ${what}`, cell(before), cell(during)]),
  );
  return [
    'Milliseconds: median · 99th percentile · longest. *Before* is the same load over the same records, none of which is removed; in memory, over an empty store, since each write there removes some.',
    table([['', 'before', 'while expired records are removed'], ...rows]),
    all.map((each) => `- ${totalOf(each)}`).join('\n'),
  ].join('\n\n');
}
