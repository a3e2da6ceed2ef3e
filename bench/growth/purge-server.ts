/** A server over a store with many expired records: `node --expose-gc purge-server.js <job in JSON>`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PerformanceObserver } from 'node:perf_hooks';
import { loadedApp } from '../load/app.js';
import { type Expired, fillExpired } from './expired.js';
import { Times, watchLoop } from './pauses.js';
import type { Listening, PurgeJob, PurgeQuestion, Seen } from './purge-protocol.js';
import { openStore } from './stores.js';

const { store, address, records }: PurgeJob = JSON.parse(process.argv[2] ?? '{}');
const opened = await openStore(store, address);
await opened.store.get('no.record', Date.now() / 1000); // opens it, and makes its tables

const garbage = new Times();
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) garbage.add(duration);
}).observe({ entryTypes: ['gc'] });
const pauses = watchLoop();
let used = process.cpuUsage();
let expired: Expired | undefined;

function look(): Seen {
  const { user, system } = process.cpuUsage(used);
  used = process.cpuUsage();
  return { pauses: pauses(), garbage: garbage.look().max, cpu: (user + system) / 1000 };
}

async function answer(question: PurgeQuestion): Promise<unknown> {
  if (question === 'look') return look();
  if (question === 'left') return await expired?.left();
  if (question === 'purge') return await opened.purge();
  if (question === 'end') {
    await opened.remove();
    return null;
  }
  expired = await fillExpired(opened, records);
  globalThis.gc?.(); // what filling left behind is not what is measured
  return expired.bytes;
}

process.on('message', async (question: PurgeQuestion) => {
  process.send?.((await answer(question)) ?? null);
});
process.on('disconnect', () => process.exit());
const app = loadedApp(opened.store, () => {});
app.on('error', (error) => console.error(error));
const server = createServer(app.callback()).listen(0, '127.0.0.1', () => {
  const listening: Listening = { port: (server.address() as AddressInfo).port, address: opened.address };
  process.send?.(listening);
});
