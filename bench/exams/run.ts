/** `npm run bench -- exams`: every server, one after the other. */
import { parseArgs } from 'node:util';
import { machine } from '../report.js';
import { examine } from './examine.js';
import type { Effort } from './findings.js';
import { writePage } from './page.js';
import { type Result, type Results, readResults, versionsOf, writeResults } from './results.js';
import { type Subject, subjects } from './subjects.js';
import { sectionsOf } from './tables.js';

const LONG: Effort = { races: 300, spent: 20, decisions: 100 };
const QUICK: Effort = { races: 20, spent: 2, decisions: 10 };

const { values } = parseArgs({
  allowPositionals: true, // the word `exams`
  options: {
    quick: { type: 'boolean' },
    /** Puts what was found into results.json, beside what is there of other servers, and the tables into the page. */
    write: { type: 'boolean' },
    /** Makes the tables anew from results.json. */
    'tables-only': { type: 'boolean' },
    only: { type: 'string' },
    /** How many of each kind of race. */
    races: { type: 'string' },
  },
});

/** @throws Error for a name that no server has */
function chosen(): readonly Subject[] {
  const names = values.only?.split(',') ?? subjects.map(({ name }) => name);
  const unknown = names.filter((name) => !subjects.some((subject) => subject.name === name));
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}`);
  return values['tables-only'] ? [] : subjects.filter(({ name }) => names.includes(name));
}

const usual = values.quick ? QUICK : LONG;
const effort: Effort = { ...usual, races: Number(values.races ?? usual.races) };
const writes = values.write === true || values['tables-only'] === true;
const found: Record<string, Result> = {};
/** What there is now: another run may have written of other servers meanwhile. */
function known(): Results {
  const all: Results = writes ? { ...readResults(), ...found } : found;
  return Object.fromEntries(subjects.flatMap(({ name }) => (all[name] ? [[name, all[name]]] : [])));
}
for (const subject of chosen()) {
  const findings = await examine(subject, effort);
  found[subject.name] = { machine: machine(), versions: versionsOf(subject), effort, ...findings };
  if (writes) writeResults(known());
  console.error(`${subject.name}: done`);
}
const sections = sectionsOf(known());
for (const [name, markdown] of Object.entries(sections)) console.log(`\n## ${name}\n\n${markdown}`);
if (writes) writePage(sections);
