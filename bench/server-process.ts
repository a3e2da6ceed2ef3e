/** A server in a process of its own, as its parent sees it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { onServerCore } from './cores.js';
import type { Listening, Question, Usage } from './servers/serve.js';

export interface ServerProcess {
  /** Such as `http://127.0.0.1:3000`. */
  readonly origin: string;
  ask(question: Question): Promise<Usage>;
  stop(): Promise<void>;
}

async function nextMessage<T>(child: ChildProcess, what: string): Promise<T> {
  const given = new AbortController();
  const { signal } = given;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as T),
      once(child, 'exit', { signal }).then(([code]): never => {
        throw new Error(`${what} ended, with ${code}`);
      }),
    ]);
  } finally {
    given.abort();
  }
}

/** Milliseconds until a server must listen. One of some thousand processes of Node 20 with a large program to load never did, and a run of twenty minutes waited for it. */
const PATIENCE = 30_000;

/** The port of a server that listens; undefined where it does not in time, and is ended. */
async function portOf(child: ChildProcess, name: string): Promise<number | undefined> {
  const late = setTimeout(PATIENCE, undefined, { ref: false });
  const listening = await Promise.race([nextMessage<Listening>(child, name), late]);
  if (!listening) child.kill('SIGKILL');
  return listening?.port;
}

function spawnServer(name: string, nodeOptions: readonly string[], node: string): ChildProcess {
  const [command, args] = onServerCore(node, [...nodeOptions, join(import.meta.dirname, 'servers', `${name}.js`)]);
  return spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', NODE_NO_WARNINGS: '1' },
  });
}

/** Starts one of bench/servers, and once more where it does not listen in time. @param nodeOptions such as `--cpu-prof`. @param node the executable. @throws Error for one that did not listen twice */
export async function startServer(
  name: string,
  nodeOptions: readonly string[] = [],
  node = process.execPath,
  isRepeated = false,
): Promise<ServerProcess> {
  const child = spawnServer(name, nodeOptions, node);
  const port = await portOf(child, name);
  if (port === undefined) {
    if (isRepeated) throw new Error(`${name} did not listen in ${PATIENCE / 1000} s, twice`);
    console.error(`${name} does not listen after ${PATIENCE / 1000} s, and is started another time`);
    return startServer(name, nodeOptions, node, true);
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    ask(question) {
      child.send(question);
      return nextMessage<Usage>(child, name);
    },
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
