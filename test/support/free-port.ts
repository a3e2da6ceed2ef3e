import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems give to clients, and to servers that ask for any: one of those may be taken again before the test can use it. */
const LOWEST = 22_000;

/** Each process of mocha takes ports of its own, so that no two choose one at the same moment, before either listens. */
const WORKERS = 8;
const PORTS = 10_000 / WORKERS;
const FIRST = LOWEST + (Number(process.env['MOCHA_WORKER_ID'] ?? 0) % WORKERS) * PORTS;

/** Given before: whoever has it may not listen yet. */
const given = new Set<number>();

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

export async function freePort(): Promise<number> {
  const port = FIRST + Math.floor(Math.random() * PORTS);
  if (given.has(port)) return await freePort();
  given.add(port);
  return (await isFree(port)) ? port : await freePort();
}
