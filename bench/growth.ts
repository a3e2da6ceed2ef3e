/** What grows with what is there: `node growth.js [--quick] [--only memory,lmdb] [--write]`. */
import { BESIDE, measureStores, type Plan } from './growth/measure-stores.js';
import { STORES } from './growth/protocol.js';
import { measureSession, type SessionEffort } from './growth/session.js';
import { bytesTable, costTable, familyTable, sessionTable } from './growth/tables.js';
import { machine, report } from './report.js';

const ABANDONED = [0, 10, 100, 1000];

const quick = process.argv.includes('--quick');
const only = process.argv[process.argv.indexOf('--only') + 1]?.split(',') ?? [];
const plan: Plan = {
  stores: process.argv.includes('--only') ? STORES.filter((store) => only.includes(store)) : STORES,
  live: quick ? [10, 1000, BESIDE] : [10, BESIDE, 1_000_000],
  families: [2, 1000],
  ...(quick ? { rounds: 3, batches: 4, warmUp: 200 } : { rounds: 5, batches: 10, warmUp: 1000 }),
};
const effort: SessionEffort = quick ? { rounds: 3, operations: 400 } : { rounds: 5, operations: 2000 };

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1)); // databases end with it

const sessions = await measureSession(ABANDONED, effort);
const measured = await measureStores(plan);
report(
  'growth',
  [
    machine(),
    costTable(measured, plan.live),
    bytesTable(measured, plan.live),
    familyTable(measured, BESIDE),
    sessionTable(sessions),
  ].join('\n\n'),
);
