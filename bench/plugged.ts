/**
 * Instructions per request of a server with OpenID Connect, DPoP, pushed requests and JWT access tokens, which the requests do not use, beside the same
 * server without them: `node bench/dist/bench/plugged.js [--workload bearer,flow]`. Ends with 1 where a workload needs more than 2 % more.
 */
import { parseArgs } from 'node:util';
import { checkout } from './instructions/checkout.js';
import { count } from './instructions/count.js';
import { furnishedName } from './instructions/subject.js';
import { table } from './report.js';
import { spread } from './spread.js';
import { workloads as all } from './workloads/index.js';

const ALLOWED = 1.02;

const { values } = parseArgs({ options: { workload: { type: 'string' } } });
const names = values.workload?.split(',');
const workloads = names ? all.filter(({ name }) => names.includes(name)) : all;
const { directory } = checkout(process.cwd());
const [without, having] = await Promise.all([
  count(furnishedName('plain', directory), workloads, 'fine'),
  count(furnishedName('plugged', directory), workloads, 'fine'),
]);
const rows = workloads.map(({ name, label }) => {
  const [before, after] = [without, having].map((one) => spread(one.get(name) ?? []).median);
  return { label, before: before ?? Number.NaN, after: after ?? Number.NaN };
});
const grouped = (instructions: number): string => Math.round(instructions).toLocaleString('en');
const cells = rows.map(({ label, before, after }) => [
  label,
  grouped(before),
  grouped(after),
  (after / before).toFixed(3),
]);
console.log(table([['instructions per request', 'without', 'plugged in', 'ratio'], ...cells]));
process.exitCode = rows.every(({ before, after }) => after / before <= ALLOWED) ? 0 : 1;
