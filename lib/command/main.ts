#!/usr/bin/env node
/** The program `koauthorize`. */
import { realpathSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { UsageError } from './command.js';
import { runCommand } from './run.js';

/** Whether this file was started as the program, which npm does by a symbolic link, and was not imported. */
function isProgram(started: string | undefined): boolean {
  return started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url);
}

/** @throws UsageError if the input ends without an answer */
async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new Promise<never>((_resolve, reject) => {
    terminal.once('close', () => reject(new UsageError('There was no answer')));
  });
  try {
    return await Promise.race([terminal.question(question), ended]);
  } finally {
    ended.catch(() => {}); // it rejects after an answer, too, since the input closes then
    terminal.close();
  }
}

const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => stream.write('', () => resolve()));

if (isProgram(process.argv[1])) {
  const code = await runCommand(process.argv.slice(2), {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    ask: process.stdin.isTTY && process.stdout.isTTY ? ask : undefined,
  });
  await Promise.all([process.stdout, process.stderr].map(written));
  process.exit(code); // a module that the doctor has loaded may keep connections open, for example to Redis
}
