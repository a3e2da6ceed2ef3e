/** `koauthorize migrate`: reads a project that uses another library, and reports what to write instead. */
import { statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { oneLine } from '../errors/one-line.js';
import { type Command, UsageError } from './command.js';
import { type Examination, examine } from './migrate/examine.js';
import { LIBRARIES } from './migrate/libraries.js';
import { reportAsJSON } from './migrate/report/json.js';
import { reportAsText } from './migrate/report/text.js';
import { FORMAT_OPTIONS, formatOf, parseOptions } from './parse.js';

const OPTIONS = { output: { type: 'string' }, ...FORMAT_OPTIONS } as const;

const NAMES = LIBRARIES.map(({ name }) => name);

const FORMATTERS: Readonly<Record<'text' | 'json', (examination: Examination) => string>> = {
  text: (examination) => reportAsText(examination, NAMES),
  json: reportAsJSON,
};

/** The number of files after which the progress is reported. */
const EVERY = 1000;

const codeOf = (error: unknown): unknown => Reflect.get(Object(error), 'code');

/** @throws UsageError */
function folderOf([folder = '.', ...more]: readonly string[]): string {
  if (more.length > 0) throw new UsageError(`There is one folder, not ${more.length + 1}`);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return resolve(folder);
  throw new UsageError(`${oneLine(folder)} is no folder`);
}

/** Never replaces a file, and follows no symbolic link. @returns why nothing was written, or undefined */
function write(file: string, text: string): string | undefined {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return undefined;
  } catch (error) {
    const why = codeOf(error) === 'EEXIST' ? 'it is there already' : `${codeOf(error)}`;
    return `${oneLine(file)} was not written: ${why}`;
  }
}

export const migrate: Command = {
  summary: 'reads a project that uses another library, and reports what to write instead',
  usage: `Usage: koauthorize migrate [folder] [options]

Reads package.json and the sources (.js .cjs .mjs .ts .cts .mts .jsx .tsx) of a project that uses
${NAMES.join(', ')} (or oauth2-server, express-oauth-server, koa-oauth-server).
It reports each part that it finds, by file and line: what to write instead, what changes for clients, and which option keeps it for a while;
then the steps in order, and what it did not recognize. It changes no file of the project, and runs none of its code.

  --output <file>       writes the report there, as Markdown or JSON. A file that exists is not replaced
  --format <format>     text (default), which is Markdown, or json; --json is short for json

It ends with 0 if it wrote a report of at least one library, with 1 if it found no library or could not write, and with 2 if its arguments are wrong.
`,
  async run(args, { out, err }) {
    const { values, positionals } = parseOptions(args, OPTIONS);
    const format = formatOf(['text', 'json'], values);
    const examination = examine(folderOf(positionals), (filesRead) => {
      if (filesRead % EVERY === 0) err(`${filesRead} files were read\n`);
    });
    const report = FORMATTERS[format](examination);
    const problem = values.output === undefined ? out(report) : write(values.output, report);
    if (problem !== undefined) err(`${problem}\n`);
    return examination.uses.length === 0 || problem !== undefined ? 1 : 0;
  },
};
