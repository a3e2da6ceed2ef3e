/** `koauthorize attack`: attacks a server over HTTP, and reports which attacks succeeded. */
import { formatReportsAsJUnit } from '../testing/attack/junit.js';
import { formatReports } from '../testing/attack/report.js';
import { type AttackReport, attacksOn, chosen } from '../testing/attack/run.js';
import type { AttackTarget } from '../testing/attack/target.js';
import { repeatsError, sayOnce } from '../testing/no-result.js';
import { CLIENT_OPTIONS, clientOf } from './client.js';
import { type Command, UsageError } from './command.js';
import { exportedTarget } from './exported-target.js';
import { FORMAT_OPTIONS, formatOf, parseOptions } from './parse.js';
import { fileToWrite } from './written-file.js';

const FORMATS = ['text', 'json'] as const;

const OPTIONS = {
  target: { type: 'string' },
  ...CLIENT_OPTIONS,
  login: { type: 'string' },
  field: { type: 'string', multiple: true },
  api: { type: 'string' },
  grace: { type: 'string' },
  ...FORMAT_OPTIONS,
  junit: { type: 'string' },
  only: { type: 'string' },
  without: { type: 'string' },
  strict: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseOptions<typeof OPTIONS>>['values'];

/** Opens a page and fills in its form. @param fields `name=value` */
function loginBy(page: string, fields: readonly string[]): AttackTarget['login'] {
  const filled = fields.map((field): [string, string] => {
    const at = field.indexOf('=');
    if (at < 1) throw new UsageError(`--field is name=value, not ${field}`);
    return [field.slice(0, at), field.slice(at + 1)];
  });
  return async (visitor) => visitor.submit(await visitor.get(page), Object.fromEntries(filled));
}

function secondsOf(grace: string): number {
  const seconds = Number(grace);
  if (!(seconds >= 0 && seconds < Number.POSITIVE_INFINITY))
    throw new UsageError(`--grace is a number of seconds, not ${grace}`);
  return seconds;
}

/** The members of the target that the arguments set. They override those of the module. */
function said(values: Values, issuer: string | undefined): Partial<AttackTarget> {
  const { login, field, grace } = values;
  const members = {
    issuer,
    client: clientOf(values),
    login: login === undefined ? undefined : loginBy(login, field ?? []),
    grace: grace === undefined ? undefined : secondsOf(grace),
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

async function targetOf(values: Values, [issuer, ...more]: readonly string[]): Promise<AttackTarget> {
  if (more.length > 0) throw new UsageError('Name one authorization server, not several');
  const exported = values.target === undefined ? {} : await exportedTarget<AttackTarget>(values.target);
  const endpoints = { ...exported.endpoints, ...(values.api !== undefined && { resource: values.api }) };
  const made: Partial<AttackTarget> = { ...exported, endpoints, ...said(values, issuer) };
  const { issuer: where, client, login } = made;
  if (where === undefined) throw new UsageError('The issuer identifier of the server is needed; or --target');
  if (!URL.canParse(where)) throw new UsageError(`${where} is not a URL`);
  if (!client) throw new UsageError('A client is needed: --client-id, --client-secret and --redirect-uri; or --target');
  if (!login) throw new UsageError('A login is needed: --login, the URL of its page, and --field for each field');
  return { ...made, issuer: where, client, login };
}

const isFailure = ({ outcome }: AttackReport, strict: boolean): boolean =>
  outcome === 'succeeded' || outcome === 'error' || (outcome === 'skipped' && strict);

function summary(reports: readonly AttackReport[]): string {
  const count = (which: AttackReport['outcome']): number => reports.filter(({ outcome }) => outcome === which).length;
  return `${count('withstood')} withstood, ${count('succeeded')} succeeded, ${count('skipped')} not tried, ${count('error')} without a result`;
}

const asJSON = (reports: readonly AttackReport[]): string =>
  JSON.stringify({ reports: reports.map(({ error: _, ...report }) => report) }, undefined, 2);

const asText = (reports: readonly AttackReport[]): string =>
  `${sayOnce(reports, 'attacks') ?? `${formatReports(reports)}\n\n${summary(reports)}`}\n`;

/** With `strict`, an attack that was not tried counts as an error, so that CI systems show the same failures as the exit code. */
const judged = (report: AttackReport, strict: boolean): AttackReport =>
  strict && report.outcome === 'skipped'
    ? { ...report, outcome: 'error', detail: `It could not be tried: ${report.detail}` }
    : report;

export const attack: Command = {
  summary: 'attacks an authorization server, and reports which attacks succeeded',
  usage: `Usage: koauthorize attack <issuer> --client-id <id> --client-secret <secret> --redirect-uri <uri>
                          --login <url> --field <name=value> ... [options]
       koauthorize attack --target <module> [options]

Attacks a running server over HTTP. Use a test server: the attacks log in, allow requests, guess secrets and leave tokens behind.

  --target <module>     a module that exports \`target\`: AttackTarget of koauthorize/testing, which has more members than there are options
  --client-id <id>, --client-secret <secret>, --redirect-uri <uri>, --scope <scope>
                        a registered confidential client; nothing needs to answer at the redirect URI
  --login <url>         a page with a form to log in by
  --field <name=value>  a field of that form, as often as it has fields
  --api <url>           an API that answers a GET with an access token of the client
  --grace <seconds>     how long a used refresh token may still be answered
  --format <format>     text (default) or json; --json is short for json
  --junit <file>        also writes the outcomes into a file, as JUnit XML, which CI systems read
  --only <names>, --without <names>
                        names of attacks, separated by commas
  --strict              fails for what could not be tried, too

Its progress is on the standard error output. It ends with 1 if an attack succeeded or had no result, and with 2 if its
arguments are wrong.
`,
  async run(args, { out, err }) {
    const { values, positionals } = parseOptions(args, OPTIONS);
    const { strict = false, junit } = values;
    const format = formatOf(FORMATS, values);
    const options = { only: values.only?.split(','), without: values.without?.split(',') };
    const target = await targetOf(values, positionals);
    const all = chosen(options).length;
    const write = junit === undefined ? undefined : fileToWrite(junit);
    const reports: AttackReport[] = [];
    for await (const report of attacksOn(target, options)) {
      const isNew = !repeatsError(report, reports.at(-1));
      reports.push(report);
      if (isNew) err(`${reports.length}/${all}  ${report.outcome.padEnd(9)}  ${report.name}\n`);
    }
    write?.(formatReportsAsJUnit(reports.map((report) => judged(report, strict))));
    out(format === 'json' ? `${asJSON(reports)}\n` : asText(reports));
    return reports.some((report) => isFailure(report, strict)) ? 1 : 0;
  },
};
