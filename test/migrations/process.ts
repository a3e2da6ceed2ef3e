/** Applications as processes of their own, over one directory, as an operator replaces one by another. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

/** What the process says first: where it listens. @throws Error with what it said instead */
async function firstLine(child: ChildProcess): Promise<string> {
  let said = '';
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  for await (const chunk of child.stdout ?? []) {
    said += chunk;
    if (said.includes('\n')) break;
  }
  const [line = ''] = said.split('\n');
  if (!line.startsWith('http')) throw new Error(`The application did not start: ${said}${errors}`);
  return line;
}

/** @param file below this folder */
export async function start(file: string, env: Readonly<Record<string, string>>): Promise<Running> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path], {
    cwd: root,
    env: { ...process.env, PORT: '0', NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const url = await firstLine(child).catch((error) => {
    child.kill();
    throw error;
  });
  child.stdout?.resume();
  return {
    url,
    async stop() {
      child.kill();
      await ended;
    },
  };
}
