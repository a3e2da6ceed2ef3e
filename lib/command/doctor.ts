/** `koauthorize doctor`: reports what is wrong with an authorization server. */
import { type Diagnosis, diagnose } from '../doctor/diagnose.js';
import { formatDiagnosisAsJSON } from '../doctor/report/json.js';
import { formatDiagnosis } from '../doctor/report/text.js';
import type { DiagnosisTarget } from '../doctor/target.js';
import { type Command, UsageError } from './command.js';
import { exportsOf } from './exported-target.js';
import { FORMAT_OPTIONS, formatOf, parseOptions } from './parse.js';

const FORMATTERS: Readonly<Record<'text' | 'json', (diagnosis: Diagnosis) => string>> = {
  text: formatDiagnosis,
  json: formatDiagnosisAsJSON,
};

const OPTIONS = {
  url: { type: 'string' },
  module: { type: 'string' },
  production: { type: 'boolean' },
  ...FORMAT_OPTIONS,
  only: { type: 'string' },
  without: { type: 'string' },
  strict: { type: 'boolean' },
} as const;

/** The names that a module may export for the doctor. */
const PARTS = ['server', 'app', 'clients', 'store', 'sessionOptions'] as const;

/** What a module exports. @throws UsageError */
async function exportedParts(path: string): Promise<DiagnosisTarget> {
  const module = await exportsOf(path);
  const parts = PARTS.flatMap((name) => (module[name] === undefined ? [] : [[name, module[name]] as const]));
  if (parts.length > 0) return Object.fromEntries(parts);
  throw new UsageError(`${path} exports none of ${PARTS.join(', ')}`);
}

/** Whether the exit code is 1: for an error or a warning, with --strict also for a relaxation, and if no rule could examine anything. */
function isFailure({ findings, examined }: Diagnosis, strict: boolean): boolean {
  if (examined.length === 0) return true;
  return findings.some(({ severity }) => severity !== 'relaxation' || strict);
}

export const doctor: Command = {
  summary: 'reports what is wrong with an authorization server, and what to write instead',
  usage: `Usage: koauthorize doctor [--url <issuer> | --module <file>] [options]

Looks at the configuration, the clients, sessions, stores and keys of an authorization server, and at what it answers.

  --url <issuer>        a running server in any language, by its issuer identifier
  --module <file>       a module that exports \`server\`, of createServer(), and any of \`app\` (the Koa), \`clients\` (a list, or a
                        function that gives one), \`store\` and \`sessionOptions\`
  --production          for a server of real users: also finds what is right on a developer's machine only
  --format <format>     text (default) or json; --json is short for json
  --only <names>, --without <names>
                        names of rules, separated by commas
  --strict              fails for relaxations, too

It ends with 0 if nothing is wrong, with 1 if an error or a warning was found or no rule had anything to look at, and with 2 if its arguments are wrong.
`,
  async run(args, { out }) {
    const { values, positionals } = parseOptions(args, OPTIONS);
    const format = formatOf(['text', 'json'], values);
    const { url, module, production, only, without, strict = false } = values;
    if (positionals.length > 0) throw new UsageError(`Say --url or --module before ${positionals[0]}`);
    if (url === undefined && module === undefined) throw new UsageError('--url or --module is needed');
    const parts = module === undefined ? {} : await exportedParts(module);
    const diagnosis = await diagnose(
      { ...parts, ...(url !== undefined && { url }) },
      { ...(production && { production }), only: only?.split(','), without: without?.split(',') },
    );
    out(`${FORMATTERS[format](diagnosis)}\n`);
    return isFailure(diagnosis, strict) ? 1 : 0;
  },
};
