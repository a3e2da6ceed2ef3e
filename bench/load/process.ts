/** The server's process, on a core of its own where there are two. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { PoolConfig } from 'pg';
import { onServerCore } from '../cores.js';
import { EXPECTED_WARNING, type Message, type State, type StoreName } from './protocol.js';

const SERVER = join(import.meta.dirname, 'server.js');

export interface LoadedServer {
  /** Such as `http://127.0.0.1:3000`. */
  readonly origin: string;
  readonly port: number;
  ask(): Promise<State>;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly store: StoreName;
  readonly pool?: PoolConfig | undefined;
  /** Told what the server's operator would find in its logs. */
  onProblem(problem: string): void;
}

function spawnServer(store: StoreName, pool: PoolConfig = {}): ChildProcess {
  const options = ['--expose-gc', `--disable-warning=${EXPECTED_WARNING}`];
  const [command, args] = onServerCore(process.execPath, [...options, SERVER, store]);
  const env = { ...process.env, NODE_ENV: 'production', POOL: JSON.stringify(pool) };
  return spawn(command, args, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** The next message that has this member. */
function hear<K extends 'port' | 'state'>(
  child: ChildProcess,
  member: K,
): Promise<Extract<Message, Record<K, unknown>>> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('The server has ended'));
    const listen = (message: Message): void => {
      if (!(member in message)) return;
      child.off('message', listen).off('exit', ended);
      resolve(message as Extract<Message, Record<K, unknown>>);
    };
    if (child.exitCode !== null || child.signalCode !== null) return ended();
    child.on('message', listen).once('exit', ended);
  });
}

/** Starts it, and waits until it answers. */
export async function startServer({ store, pool, onProblem }: StartOptions): Promise<LoadedServer> {
  const child = spawnServer(store, pool);
  child.on('message', (message: Message) => {
    if ('problem' in message) onProblem(message.problem);
  });
  const { port } = await hear(child, 'port');
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    async ask() {
      const heard = hear(child, 'state');
      if (child.connected) child.send('state');
      return (await heard).state;
    },
    async stop() {
      if (!child.connected) return;
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
