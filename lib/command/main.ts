#!/usr/bin/env node
/** The program `koauthorize`. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runCommand } from './run.js';

/** Whether this file is the program, which npm starts by a link. It is not, where something imports it. */
function isProgram(started: string | undefined): boolean {
  return started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url);
}

if (isProgram(process.argv[1]))
  process.exitCode = await runCommand(process.argv.slice(2), {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  });
