/** What it costs to remove a million expired records while requests are served: `node growth/purge.js [--quick] [--only memory,lmdb] [--limit seconds] [--write]`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { machine, report } from '../report.js';
import { type Database, startDatabase } from './databases.js';
import { STORES, type StoreName } from './protocol.js';
import { crowd, type PurgeCrowd } from './purge-crowd.js';
import type { Listening, Neighbour, PurgeJob, Seen } from './purge-protocol.js';
import { type Phase, type Purged, purgeTable } from './purge-table.js';
import { type Remote, startRemote } from './remote.js';

const quick = process.argv.includes('--quick');
const only = process.argv[process.argv.indexOf('--only') + 1]?.split(',') ?? [];
const stores = process.argv.includes('--only') ? STORES.filter((store) => only.includes(store)) : STORES;
const records = quick ? 100_000 : 1_000_000;

/** Seconds that a purge is watched at most. */
const LIMIT = Number(process.argv[process.argv.indexOf('--limit') + 1]) || 300;

/** Milliseconds before the purge, and at most of it. */
const [BEFORE, LONGEST] = quick ? [5000, 60_000] : [15_000, LIMIT * 1000];

/** Milliseconds from an answer to the next request of the same client, except in memory, where requests do the purging. */
const PAUSE = 20;

/** Milliseconds between two looks at what is left. */
const LOOK = 1000;

const [SERVER, NEIGHBOUR] = ['./purge-server.js', './purge-neighbour.js'];

interface World {
  readonly server: Remote;
  readonly neighbour: Remote | undefined;
  readonly crowd: PurgeCrowd;
}

async function look({ server, neighbour, crowd }: World, seconds: number): Promise<Phase> {
  const requests = crowd.look();
  return {
    seconds,
    requests,
    seen: await server.ask<Seen>('look'),
    neighbour: await neighbour?.ask<Neighbour>('look'),
  };
}

async function phase(world: World, isOver: () => Promise<boolean>): Promise<Phase> {
  await look(world, 0);
  const begun = performance.now();
  while (!(await isOver())) await sleep(LOOK);
  return await look(world, (performance.now() - begun) / 1000);
}

function lasting(milliseconds: number): () => Promise<boolean> {
  const end = performance.now() + milliseconds;
  return async () => performance.now() > end;
}

async function purgePhase(world: World): Promise<{ readonly during: Phase; readonly left: number }> {
  const { server } = world;
  let left = 1;
  const begins = await server.ask<number>('purge');
  await sleep(begins - Date.now());
  const isLate = lasting(LONGEST);
  const during = await phase(world, async () => {
    left = await server.ask<number>('left');
    return left === 0 || (await isLate());
  });
  return { during, left };
}

async function measure(store: StoreName, { address }: Database): Promise<Purged> {
  const job: PurgeJob = { store, address, records };
  const { remote: server, told } = await startRemote<Listening>(SERVER, job);
  const beside = store === 'memory' ? undefined : await startRemote(NEIGHBOUR, { ...job, address: told.address });
  // each write to the memory store removes some, and nothing else does: there, what is before is without what has expired
  const [first, pause] = store === 'memory' ? [false, 0] : [true, PAUSE];
  const enter = (): World => ({
    server,
    neighbour: beside?.remote,
    crowd: crowd(`http://127.0.0.1:${told.port}`, pause),
  });
  let bytes = first ? await server.ask<number>('fill') : 0;
  let world = enter();
  const before = await phase(world, lasting(BEFORE));
  let wrong = await world.crowd.end();
  if (!first) bytes = await server.ask<number>('fill');
  world = enter();
  const purged = await purgePhase(world);
  wrong += await world.crowd.end();
  await world.neighbour?.ask('end');
  world.neighbour?.end();
  await server.ask('end');
  server.end();
  return { store, records, bytes, before, wrong, ...purged };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1)); // databases end with it

const all: Purged[] = [];
for (const store of stores) {
  const database = await startDatabase(store);
  if (!database) continue;
  console.error(`${store}: ${records} expired records`);
  all.push(await measure(store, database));
  await database.remove();
}
report('purge', [machine(), purgeTable(all)].join('\n\n'));
