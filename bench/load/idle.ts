/** Connections that are open and say nothing, and one that works beside them. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { robot, SCOPE } from '../servers/clients.js';
import { connectTo } from '../workloads/connect-to.js';
import { basic } from '../workloads/requests.js';
import { type LoadedServer, startServer } from './process.js';
import { readIssued } from './steps.js';

const FORM = `grant_type=client_credentials&scope=${SCOPE}`;
const asRobot = basic(robot);

/** Ports are 16 bits, and fewer are free: from each address so many. */
const PER_ADDRESS = 10_000;
/** Opened at once: fewer than wait to be accepted. */
const BATCH = 100;
/** Requests whose times are told. */
const TRIES = 500;

export interface Idle {
  readonly wanted: number;
  /** Connections that were open at the end, as seen from here. */
  readonly open: number;
  /** Bytes of the process for each. */
  readonly rss: number;
  readonly heap: number;
  /** Milliseconds of a token request, median: without them, and beside them. */
  readonly alone: number;
  readonly beside: number;
  readonly problems: readonly string[];
}

/** A connection that has had one answer, and is kept open. */
async function open(port: number, index: number): Promise<Socket> {
  const localAddress = `127.0.0.${2 + Math.floor(index / PER_ADDRESS)}`;
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  const head = `POST /token HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${asRobot['authorization']}\r\n`;
  const type = 'Content-Type: application/x-www-form-urlencoded\r\n';
  socket.write(`${head}${type}Content-Length: ${FORM.length}\r\n\r\n${FORM}`);
  const [answer] = await once(socket, 'data');
  if (!/^HTTP\/1\.1 200 /.test(`${answer}`)) throw new Error(`Not 200: ${answer}`);
  return socket;
}

async function openAll(port: number, wanted: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < wanted) {
    const size = Math.min(BATCH, wanted - sockets.length);
    const batch = Array.from({ length: size }, (_, i) => open(port, sockets.length + i));
    sockets.push(...(await Promise.all(batch)));
  }
  return sockets;
}

/** The median of some token requests, in milliseconds. */
async function timeOf({ origin }: LoadedServer): Promise<number> {
  const http = connectTo(origin);
  const times: number[] = [];
  for (let i = 0; i < TRIES; i++) {
    const start = performance.now();
    readIssued(await http.post('/token', FORM, asRobot));
    times.push(performance.now() - start);
  }
  await http.close();
  return times.sort((one, other) => one - other)[TRIES / 2] ?? 0;
}

export async function idle(wanted: number): Promise<Idle> {
  const problems: string[] = [];
  const server = await startServer({ store: 'memory', onProblem: (problem) => problems.push(problem) });
  await timeOf(server); // until it is warm
  const alone = await timeOf(server);
  const before = await server.ask();
  const sockets = await openAll(server.port, wanted);
  const after = await server.ask();
  const beside = await timeOf(server);
  const open = sockets.filter(({ closed, readableEnded }) => !closed && !readableEnded).length;
  if (open < wanted) problems.push(`${wanted - open} connections were closed`);
  for (const socket of sockets) socket.destroy();
  await server.stop();
  const each = (name: 'rss' | 'heap'): number => (after[name] - before[name]) / wanted;
  return { wanted, open, rss: each('rss'), heap: each('heap'), alone, beside, problems };
}

export function describeIdle({ wanted, open, rss, heap, alone, beside, problems }: Idle): string {
  const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;
  return [
    `### ${wanted.toLocaleString('en')} idle connections`,
    `${open.toLocaleString('en')} keep-alive connections, each after one token request, stayed open: ${kilobytes(rss)} of the process for each, ` +
      `${kilobytes(heap)} of it heap (with the record of its token). A token request beside them takes ${beside.toFixed(2)} ms, ` +
      `without them ${alone.toFixed(2)} ms (median of ${TRIES}).`,
    ...problems,
  ].join('\n\n');
}
