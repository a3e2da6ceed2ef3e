/** The command line of the benchmark. */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { Readiness } from './measure.js';
import type { ServerEntry } from './servers/index.js';
import type { Workload } from './workloads/workload.js';

/** Who is compared with whom, and in what. */
export interface Comparison {
  readonly servers: readonly ServerEntry[];
  readonly workloads: readonly Workload[];
  /** The server that the others are compared with. */
  readonly baseline: string;
}

export interface NodeVersion {
  /** The executable. */
  readonly path: string;
  /** Such as `v20.20.2`. */
  readonly version: string;
}

export interface Options extends Comparison, Readiness {
  readonly rounds: number;
  /** How often each server's turn comes in a round, and how long it is. */
  readonly turns: number;
  readonly seconds: number;
  /** The versions of Node that the servers run on, the first of which is this one's. */
  readonly nodes: readonly NodeVersion[];
  /** Where CPU profiles of the servers go. */
  readonly profiles: string | undefined;
}

/** Ten minutes. V8 of Node 20 has optimized the largest of the servers after some 12,000 requests, that of Node 26 after some 30,000. */
const LONG = { rounds: 2, turns: 8, seconds: 0.3, warmUp: 30_000 };
/** Less than one: its servers are hardly warm. */
const QUICK = { rounds: 1, turns: 2, seconds: 0.06, warmUp: 800 };

/** Those of these names. @throws Error for a name that is none */
function chosen<T extends { readonly name: string }>(all: readonly T[], names: string | undefined): readonly T[] {
  if (names === undefined) return all;
  return names.split(',').map((name) => {
    const found = all.find((one) => one.name === name);
    if (!found) throw new Error(`There is no ${name}, but ${all.map((one) => one.name).join(', ')}`);
    return found;
  });
}

/** Nothing can be said of others without the baseline. */
function withBaseline(entries: readonly ServerEntry[], { servers, baseline }: Comparison): readonly ServerEntry[] {
  if (entries.some(({ name }) => name === baseline)) return entries;
  return [...entries, ...chosen(servers, baseline)];
}

/** The Node of this process, and one more. @throws Error if it does not start */
function nodesWith(other: string | undefined): readonly NodeVersion[] {
  const own = { path: process.execPath, version: process.version };
  if (other === undefined) return [own];
  return [own, { path: other, version: execFileSync(other, ['--version'], { encoding: 'utf8' }).trim() }];
}

/** @throws Error for what cannot be understood */
export function readOptions(all: Comparison): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean' },
      write: { type: 'boolean' }, // report.ts reads it
      only: { type: 'string' },
      workload: { type: 'string' },
      rounds: { type: 'string' },
      turns: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      users: { type: 'string' },
      profile: { type: 'string' },
      'beside-node': { type: 'string' },
    },
  });
  const usual = values.quick ? QUICK : LONG;
  const entries = chosen(all.servers, values.only);
  return {
    servers: values.profile === undefined ? withBaseline(entries, all) : entries,
    workloads: chosen(all.workloads, values.workload),
    baseline: all.baseline,
    rounds: Number(values.rounds ?? usual.rounds),
    turns: Number(values.turns ?? usual.turns),
    seconds: Number(values.seconds ?? usual.seconds),
    users: Number(values.users ?? 16),
    warmUp: Number(values['warm-up'] ?? usual.warmUp),
    profiles: values.profile,
    nodes: nodesWith(values['beside-node']),
  };
}
