/** One server under one workload: readied once, then driven in turns with the others. */
import { type ServerProcess, startServer } from './server-process.js';
import type { ServerEntry } from './servers/index.js';
import { connectTo } from './workloads/connect-to.js';
import { usualDialog } from './workloads/dialog.js';
import type { Operation, Workload } from './workloads/workload.js';

/** What a server did in a turn, or in several. */
export interface Work {
  /** How long each operation took, in milliseconds. */
  readonly latencies: readonly number[];
  /** Microseconds of the server's CPU, user and system; and by the clock. */
  readonly server: number;
  readonly elapsed: number;
}

/** A server that is warm, and its virtual users. */
export interface Contestant {
  readonly name: string;
  /** @throws WrongAnswer */
  turn(seconds: number): Promise<Work>;
  stop(): Promise<void>;
}

/** Keeps this process from sleeping: else a server pays for waking it, and a slow one for each of its answers. */
function stayAwake(): () => void {
  let next = setImmediate(function again() {
    next = setImmediate(again);
  });
  return () => clearImmediate(next);
}

/** Every user does its operation over and over, until there is no more to do. @returns how long each took, in milliseconds */
async function drive(operations: readonly Operation[], goesOn: (done: number) => boolean): Promise<readonly number[]> {
  const latencies: number[] = [];
  const user = async (operation: Operation): Promise<void> => {
    for (let begin = performance.now(); goesOn(latencies.length); ) {
      await operation();
      const done = performance.now();
      latencies.push(done - begin);
      begin = done;
    }
  };
  const maySleep = stayAwake();
  await Promise.all(operations.map(user)).finally(maySleep);
  return latencies;
}

const total = ({ user, system }: NodeJS.CpuUsage): number => user + system;

async function takeTurn(server: ServerProcess, operations: readonly Operation[], seconds: number): Promise<Work> {
  const before = await server.ask('usage');
  const began = performance.now();
  const end = began + seconds * 1000;
  const latencies = await drive(operations, () => performance.now() < end);
  const elapsed = (performance.now() - began) * 1000;
  const used = total((await server.ask('usage')).cpu) - total(before.cpu);
  return { latencies, server: used, elapsed };
}

export interface Readiness {
  /** Virtual users, each with one connection. */
  readonly users: number;
  /** Requests that are not measured, the same for all: by then a server is warm. */
  readonly warmUp: number;
}

/** Starts a server, and readies and warms it. @throws WrongAnswer. @param nodeOptions for the server's process. @param node its executable */
export async function ready(
  { name, dialog = usualDialog }: ServerEntry,
  workload: Workload,
  { users, warmUp }: Readiness,
  nodeOptions: readonly string[],
  node: string,
): Promise<Contestant> {
  const server = await startServer(name, nodeOptions, node);
  const connections = Array.from({ length: users }, () => connectTo(server.origin));
  const operations = await Promise.all(connections.map((http) => workload.prepare(http, dialog)));
  await drive(operations, (done) => done * workload.requests < warmUp);
  return {
    name,
    turn: (seconds) => takeTurn(server, operations, seconds),
    async stop() {
      for (const http of connections) await http.close();
      await server.stop();
    },
  };
}
