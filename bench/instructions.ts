/**
 * Instructions per request of two builds, side by side: `node bench/dist/bench/instructions.js <before> [<after>] [--workload bearer,flow] [--fine]`.
 * Either is a commit or a directory; after is the working tree when it is not said. Ends with 1 where a workload needs more than 3 % more.
 * `--beside koa-own-form,node-http` counts servers of bench/servers too; what comes from others is first installed and compiled by `npm run bench`.
 */
import { parseArgs } from 'node:util';
import { checkout } from './instructions/checkout.js';
import { type Counts, count } from './instructions/count.js';
import { serverCalled, subjectName } from './instructions/subject.js';
import { table } from './report.js';
import type { ServerEntry } from './servers/index.js';
import { type Spread, spread } from './spread.js';
import { workloads as all } from './workloads/index.js';

const ALLOWED = 1.03;

const { values, positionals } = parseArgs({
  options: { workload: { type: 'string' }, fine: { type: 'boolean' }, beside: { type: 'string' } },
  allowPositionals: true,
});
const [before, after = process.cwd()] = positionals;
if (before === undefined) throw new Error('Say which commit or directory is compared with the working tree');
const names = values.workload?.split(',');
const workloads = names ? all.filter(({ name }) => names.includes(name)) : all;
const beside = values.beside?.split(',').map(serverCalled) ?? [];
const effort = values.fine ? 'fine' : 'whole';

const grouped = (instructions: number): string => Math.round(instructions).toLocaleString('en');
const shown = ({ median, min, max }: Spread): string => `${grouped(median)} (${grouped(min)}–${grouped(max)})`;

async function counted(what: string): Promise<Counts> {
  const { directory, remove } = checkout(what);
  return count(directory, workloads, effort).finally(remove);
}

/** Of a server, the workloads that it has. */
function countServer(server: ServerEntry): Promise<Counts> {
  const own = workloads.filter(({ name }) => server.missing?.[name] === undefined);
  return count(subjectName(server), own, effort);
}

const [first, second] = await Promise.all([counted(before), counted(after)]); // one core each: what else the machine does is not counted
const others: Counts[] = [];
for (const server of beside) others.push(await countServer(server));

const rows = workloads.map(({ name, label }) => {
  const [old, young] = [first, second].map((one) => spread(one.get(name) ?? []));
  if (!old || !young) throw new Error(`Nothing was counted for ${name}`);
  const servers = others.map((one) => {
    const blocks = one.get(name);
    return blocks ? `${shown(spread(blocks))}: ${(spread(blocks).median / young.median).toFixed(3)}` : '–';
  });
  return { label, old, young, ratio: young.median / old.median, servers };
});
const head = [
  'instructions per request',
  'before',
  'after',
  'ratio',
  ...beside.map(({ label }) => `${label}: its ratio to after`),
];
const cells = rows.map((row) => [row.label, shown(row.old), shown(row.young), row.ratio.toFixed(3), ...row.servers]);
console.log(table([head, ...cells]));
process.exitCode = rows.some(({ ratio }) => ratio > ALLOWED) ? 1 : 0;
