/** `npm run bench -- exams`: every server, one after the other. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BENCH } from '../report.js';
import { examine, type Effort, type Findings } from './examine.js';
import { subjects } from './subjects.js';

const LONG: Effort = { races: 300, spent: 20, decisions: 100 };
const QUICK: Effort = { races: 20, spent: 2, decisions: 10 };

const { values } = parseArgs({
  allowPositionals: true, // the word `exams`
  options: { quick: { type: 'boolean' }, write: { type: 'boolean' }, only: { type: 'string' } },
});
const names = values.only?.split(',') ?? subjects.map(({ name }) => name);
const findings: Record<string, Findings> = {};
for (const subject of subjects.filter(({ name }) => names.includes(name))) {
  findings[subject.name] = await examine(subject, values.quick ? QUICK : LONG);
  console.log(subject.name, JSON.stringify(findings[subject.name], undefined, 1));
}
if (values.write) writeFileSync(join(BENCH, 'exams', 'results.json'), JSON.stringify(findings));
