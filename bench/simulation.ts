/** What a load needs, and how long its requests take, computed from bench/measured.json: `node simulation.js [times ...]`. The tables of docs/scaling.md are made from it by `npm run docs`. */
import { join } from 'node:path';
import { BENCH, table } from './report.js';
import { conditionsIn, readCosts } from './simulation/inputs.js';
import { simulationHead, simulationRows } from './simulation/tables.js';

const ROOT = join(BENCH, '..');
const given = process.argv.slice(2).map(Number).filter(Number.isFinite);

console.log(table([simulationHead, ...simulationRows(readCosts(ROOT), given.length > 0 ? given : undefined)]));
console.log(`\n${conditionsIn(ROOT)}`);
