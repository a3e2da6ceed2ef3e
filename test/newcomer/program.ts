/** A program that goes on running, as somebody starts it in a terminal. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface Program {
  /** What it printed, up to the line that says it is ready. */
  readonly line: Promise<string>;
  stop(): Promise<void>;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid); // npm or npx, and what it has started
  await over;
}

export function startedProgram(command: string, cwd: string, env: Readonly<Record<string, string>> = {}): Program {
  const child = spawn('bash', ['-c', `exec ${command}`], { cwd, detached: true, env: { ...process.env, ...env } });
  const line = new Promise<string>((resolve, reject) => {
    let text = '';
    const add = (data: Buffer): void => {
      text += String(data);
      if (/^(?:Open \S+|\S+ is ready.*)\n/m.test(text)) resolve(text);
    };
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${text}`)));
  });
  line.catch(() => {}); // whoever waits for it is told
  return { line, stop: () => end(child) };
}
