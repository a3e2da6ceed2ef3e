/**
 * The server at the machine's limit, for minutes: every answer is verified, and memory must not grow.
 *
 *     node bench/dist/bench/load.js --minutes 10 --store memory --store postgres --idle 10000 --write
 *
 * These are the defaults, but for `--write`. `--minutes 0` is for the idle connections alone, `--idle 0` for none of them. Ends with 1
 * where an answer was not what it should be, or memory grows.
 */
import { parseArgs } from 'node:util';
import { startPostgres } from '../test/support/postgres.js';
import { canPin, pinLoad } from './cores.js';
import { describeIdle, idle } from './load/idle.js';
import { STORES, type StoreName } from './load/protocol.js';
import { type Soak, soak } from './load/soak.js';
import { describeSoak, INTRODUCTION, told } from './load/table.js';
import { verdictOn } from './load/verdict.js';
import { machine, report } from './report.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    store: { type: 'string', multiple: true, default: [...STORES] },
    idle: { type: 'string', default: '10000' },
    write: { type: 'boolean' }, // read by report()
  },
});

const minutes = Number(values.minutes);
const failures: string[] = [];

// started before this process is pinned: it may use both cores
const postgres = values.store.includes('postgres') && minutes > 0 ? await startPostgres([]) : undefined;
pinLoad();

async function soakOn(store: StoreName): Promise<string> {
  if (store === 'postgres' && !postgres) return '### PostgreSQL\n\nIs not installed: not run.';
  let minute = 0;
  const run: Soak = await soak({ store, pool: postgres?.config }, minutes, (seen) =>
    console.log(`${store}: ${told(seen, ++minute)}`),
  );
  if (run.errors > 0 || run.minutes.length < minutes) failures.push(`${store}: ${run.errors} unexpected answers`);
  if (verdictOn(run).isFlat === false) failures.push(`${store}: memory grows`);
  return describeSoak(run);
}

const parts: string[] = minutes > 0 ? [INTRODUCTION] : [];
for (const store of STORES) {
  if (minutes > 0 && values.store.includes(store)) parts.push(await soakOn(store));
}
await postgres?.remove();
if (Number(values.idle) > 0) {
  const found = await idle(Number(values.idle));
  failures.push(...found.problems);
  parts.push(describeIdle(found));
}
parts.push(`${machine()}${canPin ? ', server and load on a core each' : ', not pinned'}.`);
report('load', parts.join('\n\n'));
for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
