/** `npm run fuzz -- --field=extensions --cases=100000 --seed=1 --path=2:0`: prints its seed, and how often everything was reached. */
import { parseArgs } from 'node:util';
import { campaign } from './campaign.js';
import { FIELDS } from './extended-drafts.js';
import { ALL, ALL_EXTENDED, missing } from './reached.js';

const { values } = parseArgs({
  options: {
    field: { type: 'string', default: 'core' },
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    path: { type: 'string' },
  },
});
const field = FIELDS[values.field];
if (!field) throw new Error(`--field is one of ${Object.keys(FIELDS).join(', ')}`);
const cases = Number(values.cases);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
console.log(`${cases} cases, --field=${values.field} --seed=${seed}`);

const started = performance.now();
const { outcomes } = await campaign({ cases, seed, path: values.path }, field);
for (const [outcome, count] of [...outcomes].sort()) console.log(String(count).padStart(8), outcome);
console.log(`${Math.round((performance.now() - started) / 1000)} s`);

const unreached = missing(outcomes, values.field === 'core' ? ALL : ALL_EXTENDED);
if (unreached.length && values.path === undefined) {
  console.log(`never reached: ${unreached.join(', ')}`);
  process.exitCode = 1;
}
