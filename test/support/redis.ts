/** Throw-away Redis servers: real ones, that keep nothing on a disk, on free ports of the loopback interface. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { freePort } from './free-port.js';

export interface Redis {
  /** One of a single server; of a cluster one per node. */
  readonly urls: readonly string[];
  /** Stops every server, in the middle of whatever it does, so that it neither answers nor ends. Not for a server that was already there. */
  pause(): void;
  resume(): void;
  /** When one of them ends. */
  readonly ended: Promise<false>;
  /** Ends every server. */
  remove(): Promise<void>;
}

const SLOTS = 16_384;

/** Each process of mocha takes ports of its own, as in free-port.ts. */
const PORTS_OF_NODES = 250;
const LOWEST_OF_NODES = 10_000 + (Number(process.env['MOCHA_WORKER_ID'] ?? 0) % 8) * PORTS_OF_NODES;

function installed(): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((path) => existsSync(join(path, 'redis-server')));
}

/** The nodes of a cluster talk to each other on a port that is higher by 10 000: both below those that systems give to clients, and beside those of freePort. */
function portForNode(): number {
  return LOWEST_OF_NODES + Math.floor(Math.random() * PORTS_OF_NODES);
}

/** Connects as soon as the server has started; the time limit of the tests ends the waiting. */
async function connected(url: string) {
  for (;;) {
    const client = createClient({ url, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    try {
      return await client.connect();
    } catch {
      await sleep(50);
    }
  }
}

async function ask(url: string, ...command: string[]): Promise<string> {
  const client = await connected(url);
  try {
    return String(await client.sendCommand(command));
  } finally {
    client.destroy();
  }
}

function startServers(ports: readonly number[], settings: readonly string[]): Redis {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-redis-'));
  const servers: ChildProcess[] = ports.map((port) => {
    const own = ['--port', `${port}`, '--dir', directory, '--cluster-config-file', `nodes-${port}.conf`];
    const fixed = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    return spawn('redis-server', [...own, ...fixed, ...settings], { stdio: 'ignore' });
  });
  const kill = (): void => {
    for (const server of servers) server.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', kill);
  return {
    urls: ports.map((port) => `redis://127.0.0.1:${port}`),
    ended: Promise.race(servers.map((server) => once(server, 'exit'))).then(() => false),
    pause: () => servers.forEach((server) => void server.kill('SIGSTOP')),
    resume: () => servers.forEach((server) => void server.kill('SIGCONT')),
    async remove() {
      const ends = servers.map(
        (server) => server.exitCode === null && server.signalCode === null && once(server, 'exit'),
      );
      kill();
      process.off('exit', kill);
      await Promise.all(ends);
    },
  };
}

/** The server of `REDIS_URL`, or one that is started for the tests, on the port if there is one; `undefined` where there is none. */
export async function startRedis(port?: number): Promise<Redis | undefined> {
  const url = process.env['REDIS_URL'];
  if (url && port === undefined)
    return { urls: [url], pause() {}, resume() {}, ended: new Promise(() => {}), remove: async () => {} };
  if (!installed()) return undefined;
  const redis = startServers([port ?? (await freePort())], []);
  const answers = Promise.all(redis.urls.map((each) => ask(each, 'PING'))).then(() => true);
  if (await Promise.race([answers, redis.ended])) return redis;
  await redis.remove();
  throw new Error(`redis-server ended at once: ${redis.urls}`);
}

async function formCluster(redis: Redis): Promise<boolean> {
  const { urls } = redis;
  for (const [i, url] of urls.entries()) {
    const [from = 0, to = SLOTS] = [i, i + 1].map((part) => Math.floor((part * SLOTS) / urls.length));
    await ask(url, 'CLUSTER', 'ADDSLOTSRANGE', `${from}`, `${to - 1}`);
    await ask(url, 'CLUSTER', 'MEET', '127.0.0.1', new URL(urls[0] ?? '').port);
  }
  for (const url of urls) {
    while (!/state:ok[\s\S]*known_nodes:3/.test(await ask(url, 'CLUSTER', 'INFO'))) await sleep(50);
  }
  return true;
}

/** Three servers that share the slots; `undefined` where there is no `redis-server`. */
export async function startRedisCluster(): Promise<Redis | undefined> {
  if (!installed()) return undefined;
  const ports = [portForNode(), portForNode(), portForNode()];
  const redis = startServers(ports, ['--cluster-enabled', 'yes', '--cluster-node-timeout', '15000']);
  if (await Promise.race([formCluster(redis), redis.ended])) return redis;
  await redis.remove();
  return await startRedisCluster(); // a port was taken
}
