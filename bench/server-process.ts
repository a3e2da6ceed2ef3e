/** A server in a process of its own, as its parent sees it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
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

/** Starts one of bench/servers. @param nodeOptions such as `--cpu-prof`. @param node the executable */
export async function startServer(
  name: string,
  nodeOptions: readonly string[] = [],
  node = process.execPath,
): Promise<ServerProcess> {
  const [command, args] = onServerCore(node, [...nodeOptions, join(import.meta.dirname, 'servers', `${name}.js`)]);
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', NODE_NO_WARNINGS: '1' },
  });
  const { port } = await nextMessage<Listening>(child, name);
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
