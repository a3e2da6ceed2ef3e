/** Relying parties that are programs in other languages. `bash test/client-libraries/programs/install.sh` makes them; Apache is Debian's. */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export const PYTHON = path('../output/programs/python/bin/python');
export const AUTHLIB_APP = path('programs/authlib/app.py');
export const GO_OIDC = path('../output/programs/go-oidc');
export const APACHE = '/usr/sbin/apache2';
export const MOD_AUTH_OPENIDC = '/usr/lib/apache2/modules/mod_auth_openidc.so';
/** Of Debian's package mutt, which install.sh unpacks. */
export const MUTT_OAUTH2 = path('../output/programs/mutt_oauth2.py');
export const OIDC_AGENT = '/usr/bin/oidc-agent';

/** Tests with a program, where it is there. Where not, one line says so; with `REQUIRE_PROGRAMS=1`, as `.ci/run` has it, a test fails instead. */
export function withProgram(name: string, files: readonly string[], tests: () => void): void {
  const missing = files.find((file) => !existsSync(file));
  if (missing === undefined) describe(name, tests);
  else if (process.env['REQUIRE_PROGRAMS'])
    it(`${name} is there`, () => {
      throw new Error(`There is no ${missing}, and REQUIRE_PROGRAMS is set`);
    });
  else it.skip(`${name} is not there, as there is no ${missing}: CONTRIBUTING.md says how to install it`);
}

const running: ChildProcess[] = [];

/** @param isUp waits until it is known to be up */
async function start<T>(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  isUp: (program: ChildProcessByStdio<null, Readable, Readable>) => Promise<T>,
): Promise<T> {
  const program = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(program);
  let said = '';
  program.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const ended = once(program, 'exit').then(([code]) =>
    Promise.reject(new Error(`${file} ended with ${code}:\n${said}`)),
  );
  return Promise.race([isUp(program), ended]);
}

/** Starts a program that prints its port when it listens. @returns its URL */
export function startProgram(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  return start(file, args, env, async ({ stdout }) => {
    const [port] = await once(createInterface(stdout), 'line');
    return `http://127.0.0.1:${port}`;
  });
}

/** Starts a program that listens at a URL, and waits until it answers there. */
export function startServer(file: string, args: readonly string[], url: string): Promise<void> {
  return start(file, args, {}, async (program) => {
    while (program.exitCode === null) {
      const answer = await fetch(url).catch(() => undefined);
      if (answer) return;
      await delay(50);
    }
  });
}

/** Ends what was started, and waits until it has ended. */
export async function stopPrograms(): Promise<void> {
  for (const program of running.splice(0)) {
    if (program.exitCode !== null || program.signalCode !== null) continue;
    program.kill();
    await once(program, 'exit');
  }
}
