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
  /** Ends every server. */
  remove(): Promise<void>;
}

const SLOTS = 16_384;

function installed(): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((path) => existsSync(join(path, 'redis-server')));
}

/** The port that the nodes of a cluster talk to each other on is higher by 10 000. */
async function portForNode(): Promise<number> {
  const port = await freePort();
  return port < 55_000 ? port : await portForNode();
}

async function ask(url: string, ...commands: string[][]): Promise<unknown> {
  for (;;) {
    const client = createClient({ url, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    try {
      await client.connect();
      let answer: unknown;
      for (const command of commands) answer = await client.sendCommand(command);
      return answer;
    } catch {
      await sleep(50); // it is still starting; the time limit of the tests ends this
    } finally {
      if (client.isOpen) client.destroy();
    }
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

/** The server of `REDIS_URL`, or one that is started for the tests; `undefined` where there is none. */
export async function startRedis(): Promise<Redis | undefined> {
  const url = process.env['REDIS_URL'];
  if (url) return { urls: [url], pause() {}, resume() {}, remove: async () => {} };
  if (!installed()) return undefined;
  const redis = startServers([await freePort()], []);
  await Promise.all(redis.urls.map((each) => ask(each, ['PING'])));
  return redis;
}

/** Three servers that share the slots; `undefined` where there is no `redis-server`. */
export async function startRedisCluster(): Promise<Redis | undefined> {
  if (!installed()) return undefined;
  const ports = [await portForNode(), await portForNode(), await portForNode()];
  const redis = startServers(ports, ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']);
  const first = String(ports[0]);
  for (const [i, url] of redis.urls.entries()) {
    const slots = [i, i + 1].map((part) => Math.floor((part * SLOTS) / ports.length));
    const range = ['CLUSTER', 'ADDSLOTSRANGE', `${slots[0]}`, `${(slots[1] ?? SLOTS) - 1}`];
    await ask(url, ['PING']);
    await ask(url, range, ['CLUSTER', 'MEET', '127.0.0.1', first]);
  }
  for (const url of redis.urls) {
    while (!/cluster_state:ok[\s\S]*cluster_known_nodes:3/.test(String(await ask(url, ['CLUSTER', 'INFO']))))
      await sleep(50);
  }
  return redis;
}
