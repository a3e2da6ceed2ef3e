import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));

/** What `npm run` tells its scripts about the package around them. How to reach a registry is not among it, and stays. */
const fromNpmScript = /^npm_(package_|lifecycle_|command|config_(local_prefix|call))|^NODE_V8_COVERAGE$|^INIT_CWD$/;

export interface Outcome {
  readonly ok: boolean;
  readonly stdout: string;
  /** What both streams said, for the message of a failing assertion. */
  readonly output: string;
}

/** Runs a program to its end. @param more variables besides those of this process; undefined takes one away */
export function run(file: string, args: readonly string[], cwd = root, more: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !fromNpmScript.test(name)));
  const env = { ...own, ...more };
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ ok: error === null, stdout, output: `${error?.message ?? ''}\n${stdout}\n${stderr}` });
    });
  });
}

export function node(args: readonly string[], cwd?: string): Promise<Outcome> {
  return run(process.execPath, args, cwd);
}

export function tsc(args: readonly string[], cwd?: string): Promise<Outcome> {
  return node([compiler, ...args], cwd);
}
