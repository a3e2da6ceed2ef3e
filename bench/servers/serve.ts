/** What every server of the benchmark does besides answering: it listens, and tells its parent what it used. */
import { channel } from 'node:diagnostics_channel';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a parent asks for. `memory` collects garbage first, where node runs with --expose-gc. */
export type Question = 'usage' | 'memory';

export interface Listening {
  readonly port: number;
}

export interface Usage {
  /** Microseconds since the process began. */
  readonly cpu: NodeJS.CpuUsage;
  readonly memory: NodeJS.MemoryUsage;
}

function tellParent(message: Listening | Usage): void {
  process.send?.(message);
}

/** Whoever subscribes to it before a server is imported gets the server's listener, and then no socket is opened. */
export const served = channel('koauthorize-bench:served');

function listen(listener: RequestListener): void {
  const server = createServer(listener);
  server.keepAliveTimeout = 0; // connections wait for their server's turn
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    tellParent({ port });
    if (!process.send) console.log(`http://127.0.0.1:${port}`); // started by hand
  });
  process.on('message', (question: Question) => {
    if (question === 'memory') globalThis.gc?.();
    tellParent({ cpu: process.cpuUsage(), memory: process.memoryUsage() });
  });
  process.on('disconnect', () => process.exit());
}

/** Listens on a free port of 127.0.0.1, and ends with its parent. */
export function serve(listener: RequestListener): void {
  if (served.hasSubscribers) served.publish(listener);
  else listen(listener);
}
