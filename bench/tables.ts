/** What is measured, as Markdown. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canPin } from './cores.js';
import type { Options } from './options.js';
import { BENCH, machine, table } from './report.js';
import type { Results } from './results.js';
import type { ServerEntry } from './servers/index.js';
import { type Spread, spread } from './spread.js';
import type { Workload } from './workloads/workload.js';

/** Numbered in the order in which they are first needed. */
class Footnotes {
  readonly #texts: string[] = [];

  mark(texts: readonly string[]): string {
    const numbers = texts.map((text) => {
      if (!this.#texts.includes(text)) this.#texts.push(text);
      return this.#texts.indexOf(text) + 1;
    });
    return numbers.length > 0 ? ` <sup>${numbers.join(', ')}</sup>` : '';
  }

  get list(): string {
    return this.#texts.map((text, index) => `${index + 1}. ${text}`).join('\n');
  }
}

/** Below this share of its core, a server was waiting for its load. */
const BUSY = 0.8;

function notesOf({ notes = [], accepts = {} }: ServerEntry): readonly string[] {
  return [...notes, ...Object.entries(accepts).map(([refusal, why]) => `Does not refuse a ${refusal}: ${why}`)];
}

function cell(results: Results, { name, missing = {} }: ServerEntry, workload: Workload, footnotes: Footnotes): string {
  const why = missing[workload.name];
  if (why !== undefined) return `–${footnotes.mark([why])}`;
  const busy = spread(results.of(name, workload.name).map((one) => one.busy)).median;
  const idle =
    busy < BUSY
      ? ['Used its core for less than 80 % of the time: the load, or something else on the machine, was the limit.']
      : [];
  return spread(results.ratios(name, workload.name)).median.toFixed(2) + footnotes.mark(idle);
}

function versionOf(name: string): string {
  const path = join(BENCH, 'node_modules', name, 'package.json');
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string };
  return `${name} ${version}`;
}

function conditions({ servers, rounds, turns, seconds, users }: Options, node: string): string {
  const packages = new Set(['koa', ...servers.flatMap((entry) => entry.packages ?? [])]);
  const pinned = canPin ? 'server and load on a core each' : 'server and load not pinned to cores';
  const effort = `${rounds} rounds of ${turns} turns of ${seconds} s, ${users} connections, ${pinned}`;
  return `${machine(node)}; ${effort}. ${[...packages].map(versionOf).join(', ')}.`;
}

/** The short table: ratios to the baseline. @param node the version that the servers ran on */
export function ratioTable(results: Results, options: Options, node: string): string {
  const footnotes = new Footnotes();
  const rows = options.servers.map((entry) => [
    entry.label + footnotes.mark(notesOf(entry)),
    ...options.workloads.map((workload) => cell(results, entry, workload, footnotes)),
  ]);
  const head = ['requests for the same CPU time', ...options.workloads.map(({ label }) => label)];
  return [table([head, ...rows]), conditions(options, node), footnotes.list].join('\n\n');
}

const range = ({ median, min, max }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;

function detailRow(results: Results, { name, label }: ServerEntry, workload: Workload): readonly string[] {
  const all = results.of(name, workload.name);
  const percent = (shares: readonly number[]): string => `${(spread(shares).median * 100).toFixed(0)} %`;
  return [
    label,
    range(spread(all.map(({ cpu }) => cpu)), 1),
    range(spread(results.ratios(name, workload.name)), 2),
    spread(all.map(({ throughput }) => throughput)).median.toFixed(0),
    spread(all.map(({ p99 }) => p99)).median.toFixed(1),
    percent(all.map(({ busy }) => busy)),
  ];
}

/** A table for each workload: all that was measured. @param node the version that the servers ran on */
export function detailTables(results: Results, options: Options, node: string): string {
  const head = ['', 'CPU in µs', 'ratio', 'per second', 'p99 in ms', 'busy'];
  const tables = options.workloads.map((workload) => {
    const entries = options.servers.filter(({ missing = {} }) => !(workload.name in missing));
    return `### ${workload.label}\n\n${table([head, ...entries.map((entry) => detailRow(results, entry, workload))])}`;
  });
  return [...tables, `Medians of the rounds, with the least and the most. ${conditions(options, node)}`].join('\n\n');
}
