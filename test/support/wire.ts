/** A proxy in front of a database that counts what its clients send, in the bytes of their protocol. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Reads the bytes of one connection. @returns how many commands began in them */
type Counter = (bytes: Buffer) => number;

export interface Wire {
  readonly port: number;
  /** Commands that were sent until now. */
  readonly commands: number;
  /** Bytes in both directions. */
  readonly bytes: number;
  /** How often something was sent after something had been answered: commands that are sent at the same moment are one. */
  readonly waits: number;
  /** Milliseconds by which what is sent reaches the database later from now on. Infinity: it waits until this is set again. */
  delay(milliseconds: number): void;
  /** From now on, the connections that are open pass nothing on, and do not end. Later ones work. */
  silence(): void;
  close(): Promise<void>;
}

/** PostgreSQL, protocol 3: Query and Execute, so that BEGIN and COMMIT count. The first message of a connection has no letter. */
export function postgresCounter(): Counter {
  let left: Buffer = Buffer.alloc(0);
  let isStarted = false;
  return (bytes) => {
    left = Buffer.concat([left, bytes]);
    let commands = 0;
    for (;;) {
      const before = isStarted ? 1 : 0;
      if (left.length < before + 4) return commands;
      const length = before + left.readInt32BE(before);
      if (left.length < length) return commands;
      if (isStarted && 'QE'.includes(String.fromCharCode(left[0] ?? 0))) commands += 1;
      isStarted = true;
      left = left.subarray(length);
    }
  };
}

/** Redis: every command is an array of strings. */
export function redisCounter(): Counter {
  let left: Buffer = Buffer.alloc(0);
  let strings = 0;
  return (bytes) => {
    left = Buffer.concat([left, bytes]);
    let commands = 0;
    for (;;) {
      const end = left.indexOf('\r\n');
      if (end < 0) return commands;
      const number = Number(left.toString('latin1', 1, end));
      const length = strings === 0 ? end + 2 : end + 2 + number + 2;
      if (left.length < length) return commands;
      if (strings === 0) commands += 1;
      strings = strings === 0 ? number : strings - 1;
      left = left.subarray(length);
    }
  };
}

/** @param target where the database answers. @param counter for each connection */
export async function startWire(
  target: { readonly host: string; readonly port: number },
  counter: () => Counter,
): Promise<Wire> {
  let [commands, waits, late, total] = [0, 0, 0, 0];
  let isAnswered = true;
  let silenced = new Set<Socket>();
  const sockets = new Set<Socket>();
  const held: (() => void)[] = [];
  const server = createServer((client) => {
    const database = connect(target);
    const count = counter();
    for (const socket of [client, database]) {
      sockets.add(socket.setNoDelay().on('error', () => socket.destroy()));
      socket.on('close', () => [client, database].forEach((each) => void each.destroy()));
    }
    client.on('data', (bytes) => {
      if (silenced.has(client)) return;
      commands += count(bytes);
      total += bytes.length;
      if (isAnswered) waits += 1;
      isAnswered = false;
      const send = (): void => void database.write(bytes);
      if (late === 0) send();
      else if (Number.isFinite(late)) setTimeout(send, late);
      else held.push(send);
    });
    database.on('data', (bytes) => {
      if (silenced.has(client)) return;
      isAnswered = true;
      total += bytes.length;
      client.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get commands() {
      return commands;
    },
    get bytes() {
      return total;
    },
    get waits() {
      return waits;
    },
    delay(milliseconds) {
      late = milliseconds;
      if (Number.isFinite(late)) for (const send of held.splice(0)) send();
    },
    silence() {
      silenced = new Set(sockets);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
