/**
 * Instructions per request of two builds, side by side: `node bench/dist/bench/instructions.js <before> [<after>] [--workload bearer,flow] [--fine]`.
 * Either is a commit or a directory; after is the working tree when it is not said. Ends with 1 where a workload needs more than 3 % more.
 */
import { parseArgs } from 'node:util';
import { checkout } from './instructions/checkout.js';
import { type Counts, count } from './instructions/count.js';
import { table } from './report.js';
import { type Spread, spread } from './spread.js';
import { workloads as all } from './workloads/index.js';

const ALLOWED = 1.03;

const { values, positionals } = parseArgs({
  options: { workload: { type: 'string' }, fine: { type: 'boolean' } },
  allowPositionals: true,
});
const [before, after = process.cwd()] = positionals;
if (before === undefined) throw new Error('Say which commit or directory is compared with the working tree');
const names = values.workload?.split(',');
const workloads = names ? all.filter(({ name }) => names.includes(name)) : all;

const grouped = (instructions: number): string => Math.round(instructions).toLocaleString('en');
const shown = ({ median, min, max }: Spread): string => `${grouped(median)} (${grouped(min)}–${grouped(max)})`;

async function counted(what: string): Promise<Counts> {
  const { directory, remove } = checkout(what);
  return count(directory, workloads, values.fine ? 'fine' : 'whole').finally(remove);
}

const counts = await Promise.all([before, after].map(counted)); // one core each: what else the machine does is not counted
const rows = workloads.map(({ name, label }) => {
  const [old, young] = counts.map((one) => spread(one.get(name) ?? []));
  if (!old || !young) throw new Error(`Nothing was counted for ${name}`);
  return { label, old, young, ratio: young.median / old.median };
});
const head = ['instructions per request', 'before', 'after', 'ratio'];
console.log(table([head, ...rows.map((row) => [row.label, shown(row.old), shown(row.young), row.ratio.toFixed(3)])]));
process.exitCode = rows.some(({ ratio }) => ratio > ALLOWED) ? 1 : 0;
