/** The process under load: `node --expose-gc server.js memory`, or `postgres`, with the configuration of its pool in POOL. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { loadedApp } from './app.js';
import { Expiries, now } from './expiries.js';
import { type Delay, EXPECTED_WARNING, type Message, RESOLUTION, STORES, type State } from './protocol.js';
import { type OpenStore, openStore } from './store.js';

function tell(message: Message): void {
  process.send?.(message);
}

/** Seconds that an answered dialog is remembered, and how many of them are: lib/transaction/answered.ts. */
const DIALOG = 10 * 60;
const MOST_DIALOGS = 100_000;

let requests = 0;

/** The histogram has the whole time between two looks, in nanoseconds. */
function delayOf(histogram: IntervalHistogram): Delay {
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
  return { p50: late(histogram.percentile(50)), p99: late(histogram.percentile(99)), max: late(histogram.max) };
}

/** Garbage is collected while nobody looks at the event loop: nobody collects it at one go in production. */
async function stateOf(histogram: IntervalHistogram, { count }: OpenStore, dialogs: Expiries): Promise<State> {
  const delay = delayOf(histogram);
  const held = await count();
  histogram.disable();
  globalThis.gc?.();
  const { rss, heapUsed: heap } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  histogram.reset();
  histogram.enable();
  return { cpu: user + system, requests, rss, heap, held, delay, dialogs: Math.min(MOST_DIALOGS, dialogs.count()) };
}

function listen(server: Server): void {
  server.keepAliveTimeout = 10 * 60 * 1000; // else Node ends an idle connection after 5 seconds
  server.on('request', () => requests++);
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
    tell({ port: (server.address() as AddressInfo).port });
  });
}

process.on('warning', (warning) => {
  if ((warning as NodeJS.ErrnoException).code !== EXPECTED_WARNING) tell({ problem: String(warning.stack) });
});
process.on('disconnect', () => process.exit());

const name = STORES.find((store) => store === process.argv[2]) ?? 'memory';
const opened = await openStore(name, JSON.parse(process.env['POOL'] ?? '{}'));
const dialogs = new Expiries();
const app = loadedApp(opened.store, () => dialogs.add(now() + DIALOG));
app.on('error', (error) => {
  if (!(error.status < 500)) tell({ problem: String(error.stack) }); // what clients did wrong is expected
});
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
histogram.enable();
process.on('message', () => void stateOf(histogram, opened, dialogs).then((state) => tell({ state })));
listen(createServer(app.callback()));
