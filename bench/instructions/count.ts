/** Instructions that a build of the package, or a server of bench/servers, executes for each request, as valgrind counts them. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Workload } from '../workloads/workload.js';
import { type EffortName, efforts, operationsOf } from './effort.js';

/**
 * What makes two runs count the same:
 * - one thread, which then collects garbage and compiles too, and seeds that are no longer random;
 * - no optimizing compiler. Whether it inlines a function hangs on thresholds that an innocent line can cross, and it would want ten thousand requests
 *   under valgrind to be through. Every function is compiled at its first call instead, by the compiler that does not optimize. So a call, a
 *   closure or an `await` costs more here than in production, and what only the optimizing compiler pays for, such as a hidden class for each
 *   object, does not show: `npm run bench` measures that.
 */
const V8 = [
  ...['--predictable', '--single-threaded', '--random-seed=1', '--hash-seed=1'],
  ...['--no-opt', '--always-sparkplug', '--no-lazy-feedback-allocation', '--no-regexp-tier-up'],
  '--initial-old-space-size=1024', // no old garbage is collected
];

const CALLGRIND = ['--tool=callgrind', '--smc-check=all-non-file', '--dump-before=getpriority'];

/** Of each block of a workload, in the order in which they came. */
export type Counts = ReadonlyMap<string, readonly number[]>;

/** What was counted up to each time that the program asked for it. */
function dumpsIn(directory: string): readonly number[] {
  const parts = readdirSync(directory).flatMap((file) => /^out\.(\d+)$/.exec(file)?.[1] ?? []);
  return parts
    .map(Number)
    .sort((one, other) => one - other)
    .map((part) =>
      Number(/^(?:summary|totals): (\d+)/m.exec(readFileSync(join(directory, `out.${part}`), 'utf8'))?.[1]),
    );
}

/** @param what a directory with a build in its `dist`, or what `subjectName` says of a server. @throws Error where valgrind is not installed, or an answer is wrong */
export async function count(what: string, workloads: readonly Workload[], name: EffortName): Promise<Counts> {
  const effort = efforts[name];
  const directory = mkdtempSync(join(tmpdir(), 'instructions-'));
  try {
    const names = workloads.map(({ name }) => name).join(',');
    const work = [join(import.meta.dirname, 'work.js'), what, name, names];
    const young = [`--min-semi-space-size=${effort.young}`, `--max-semi-space-size=${effort.young}`];
    const args = [
      ...CALLGRIND,
      `--callgrind-out-file=${join(directory, 'out')}`,
      process.execPath,
      ...V8,
      ...young,
      ...work,
    ];
    const env = { ...process.env, NODE_ENV: 'production', NODE_NO_WARNINGS: '1', NODE_OPTIONS: '' };
    await promisify(execFile)('valgrind', args, { env, maxBuffer: 2 ** 26 });
    const dumps = dumpsIn(directory);
    const perWorkload = effort.blocks + 1; // the first is what was before
    if (dumps.length < perWorkload * workloads.length) throw new Error(`callgrind wrote ${dumps.length} dumps`);
    return new Map(
      workloads.map((workload, index) => {
        const blocks = dumps.slice(index * perWorkload + 1, (index + 1) * perWorkload);
        return [workload.name, blocks.map((block) => block / (operationsOf(workload, effort) * workload.requests))];
      }),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}
