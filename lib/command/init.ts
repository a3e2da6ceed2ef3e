/** `koauthorize init`: writes a new project. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Command } from './command.js';
import { type Choice, readChoice } from './init/choice.js';
import { filesOf } from './init/project.js';

/** Whether the folder has files that would be mixed with the project. A folder with nothing but `.git` has none. */
const isTaken = (directory: string): boolean =>
  existsSync(directory) && readdirSync(directory).some((name) => name !== '.git');

function write(directory: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' }); // fails if the file exists
  }
}

/** A path, in quotes if a shell would split or change it. */
const quoted = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `"${path}"`);

/** The instructions for what the server needs, and npm does not install. */
const RUNS_FIRST: Readonly<Record<Choice['store'], string>> = {
  memory: '',
  lmdb: '',
  postgres: '\n\nPostgreSQL has to run: where DATABASE_URL says, or at postgres://localhost/postgres',
  redis: '\n\nRedis 6 or newer has to run: where REDIS_URL says, or at redis://localhost:6379',
};

export const init: Command = {
  summary: 'writes a new project: a server with login, dialog and API, and its tests',
  usage: `Usage: koauthorize init [folder] [options]

Writes a small project that runs with \`npm install && npm start\`: an authorization server with a login, a consent dialog, an API, a client to try it,
and tests. It asks for what is not given.

  --language <language>  typescript or javascript
  --store <store>        where tokens and sessions are kept: memory, lmdb (a folder of this machine), postgres or redis
  --yes                  asks nothing: typescript and lmdb, in the folder authorization-server
  --json                 asks nothing, and prints what was written as JSON

It ends with 1 if the folder is not empty: then nothing is written. It ends with 2 if its arguments are wrong.
`,
  async run(args, terminal) {
    const { json, ...choice } = await readChoice(args, terminal);
    const { directory } = choice;
    const shown = relative('', directory) || '.';
    if (isTaken(directory)) {
      terminal.err(`${shown} is not empty: nothing was written\n`);
      return 1;
    }
    const files = filesOf(choice);
    write(directory, files);
    const said = json
      ? JSON.stringify({ ...choice, files: [...files.keys()] }, undefined, 2)
      : `${[...files.keys()].map((path) => `  ${path}`).join('\n')}\n\nNow:\n\n  cd ${quoted(shown)}\n  npm install && npm start${RUNS_FIRST[choice.store]}`;
    terminal.out(`${said}\n`);
    return 0;
  },
};
