import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems give to clients, and to servers that ask for any: one of those may be taken again before the test can use it. */
const LOWEST = 22_000;
const HIGHEST = 32_000;

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
  const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
  return (await isFree(port)) ? port : await freePort();
}
