/** `npm run fuzz -- --cases=100000 --seed=1 --path=2:0`: prints its seed, and how often everything was reached. */
import { parseArgs } from 'node:util';
import { campaign } from './campaign.js';
import { ALL, missing } from './reached.js';

const { values } = parseArgs({
  options: { cases: { type: 'string', default: '100000' }, seed: { type: 'string' }, path: { type: 'string' } },
});
const cases = Number(values.cases);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
console.log(`${cases} cases, --seed=${seed}`);

const started = performance.now();
const { outcomes } = await campaign({ cases, seed, path: values.path });
for (const [outcome, count] of [...outcomes].sort()) console.log(String(count).padStart(8), outcome);
console.log(`${Math.round((performance.now() - started) / 1000)} s`);

const unreached = missing(outcomes, ALL);
if (unreached.length && values.path === undefined) {
  console.log(`never reached: ${unreached.join(', ')}`);
  process.exitCode = 1;
}
