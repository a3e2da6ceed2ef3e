/** PostgreSQL and Redis: koauthorize beside a table by hand with as many statements. `node stores.js [--quick] [--write]`. */
import { median } from './growth/cost.js';
import { BENCH, machine, table } from './report.js';
import { type Contestant, OPERATIONS, type OperationName } from './stores/contestant.js';
import { type Opened, openPostgres, openRedis } from './stores/databases.js';
import { type Figures, ready } from './stores/drive.js';
import { type MeasuredAll, type MeasuredOperation, type MeasuredStore, writeMeasured } from './stores/measured.js';
import { comparisonHead, comparisonRows } from './stores/tables.js';

const quick = process.argv.includes('--quick');
const plan = quick ? { rounds: 3, seconds: 0.7 } : { rounds: 9, seconds: 3 };

const CONCURRENT = [16, 256] as const;

/** Operations that are sent through the proxy, for their bytes. */
const COUNTED = 200;

function medianOf(turns: readonly Figures[]): Figures {
  const of = (member: keyof Figures): number => median(turns.map((turn) => turn[member]));
  return { perSecond: of('perSecond'), cpu: of('cpu'), database: of('database'), p50: of('p50'), p99: of('p99') };
}

/** Both take turns, so that what disturbs the machine disturbs them alike. */
async function compare(opened: Opened, operation: OperationName, concurrent: number): Promise<MeasuredOperation> {
  const drivers = await Promise.all(
    [opened.koauthorize, opened['by hand']].map((each) => ready(each.operations[operation], concurrent, opened.used)),
  );
  const turns = drivers.map((): Figures[] => []);
  for (let round = -1; round < plan.rounds; round++) {
    for (const [i, driver] of drivers.entries()) {
      const figures = await driver.turn(plan.seconds);
      if (round >= 0) turns[i]?.push(figures); // the round before the first warms up
    }
  }
  const [koauthorize = [], byHand = []] = turns;
  return { operation, concurrent, koauthorize: medianOf(koauthorize), 'by hand': medianOf(byHand) };
}

async function bytesOf({ wire }: Opened, { operations }: Contestant, name: OperationName): Promise<number> {
  const operation = await operations[name]();
  await operation();
  const before = wire.bytes;
  for (let i = 0; i < COUNTED; i++) await operation();
  return (wire.bytes - before) / COUNTED;
}

async function measure(store: string, open: () => Promise<Opened | undefined>): Promise<MeasuredStore | undefined> {
  const opened = await open();
  if (!opened) return undefined;
  const operations: MeasuredOperation[] = [];
  for (const operation of OPERATIONS) {
    for (const concurrent of CONCURRENT) {
      console.error(`${store}: ${operation}, ${concurrent} at a time`);
      operations.push(await compare(opened, operation, concurrent));
    }
  }
  const bytes: Partial<Record<OperationName, number>> = {};
  for (const name of OPERATIONS) bytes[name] = await bytesOf(opened, opened.wired, name);
  for (const each of [opened.koauthorize, opened['by hand'], opened.wired]) await each.close();
  await opened.close();
  return { store, operations, bytes: bytes as Record<OperationName, number> };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1)); // databases end with it

const stores = [await measure('PostgreSQL', openPostgres), await measure('Redis', openRedis)];
const measured: MeasuredAll = { conditions: machine(), stores: stores.filter((store) => store !== undefined) };
console.log(`${table([comparisonHead, ...comparisonRows(measured)])}\n\n${measured.conditions}`);
if (process.argv.includes('--write')) writeMeasured(BENCH, measured);
