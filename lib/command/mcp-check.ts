/** `koauthorize mcp-check`: examines the authorization of an MCP server. */
import { formatMCPReportsAsJSON } from '../testing/mcp/report/json.js';
import { formatMCPReportsAsJUnit } from '../testing/mcp/report/junit.js';
import { formatMCPReports } from '../testing/mcp/report/text.js';
import { type MCPReport, runMCPChecks } from '../testing/mcp/run.js';
import type { MCPTarget } from '../testing/mcp/target.js';
import { sayOnce } from '../testing/no-result.js';
import { type Command, UsageError } from './command.js';
import { exportedTarget } from './exported-target.js';
import { type CheckCommand, readOptions } from './options.js';
import { fileToWrite } from './written-file.js';

const FORMATTERS: Readonly<Record<CheckCommand['format'], (reports: readonly MCPReport[]) => string>> = {
  text: (reports) => sayOnce(reports, 'checks') ?? formatMCPReports(reports),
  json: formatMCPReportsAsJSON,
  junit: formatMCPReportsAsJUnit,
};

/** The target of the module, overridden by the arguments. */
async function targetOf({ target, issuer, resource, otherResource, client }: CheckCommand): Promise<MCPTarget> {
  const exported = target === undefined ? {} : await exportedTarget<MCPTarget>(target);
  const said = Object.entries({ issuer, resource, otherResource, client }).filter(([, value]) => value !== undefined);
  const made: Partial<MCPTarget> = { ...exported, ...Object.fromEntries(said) };
  if (made.resource === undefined) throw new UsageError('The target has no resource');
  return { ...made, resource: made.resource };
}

/** A check without a result counts as a failure. A check that was not tried does not, since the user knows which arguments are missing. */
function isFailure({ outcome, level }: MCPReport, strict: CheckCommand['strict']): boolean {
  if (strict) return outcome !== 'passed';
  return outcome === 'error' || (outcome === 'failed' && level === 'MUST');
}

/** With `--strict`, a skipped check makes the exit code 1. The report says so too, so that a CI system shows this check as failed. */
const judged = (report: MCPReport, strict: CheckCommand['strict']): MCPReport =>
  strict && report.outcome === 'skipped'
    ? { ...report, outcome: 'error', detail: `It could not be tried: ${report.detail}` }
    : report;

export const mcpCheck: Command = {
  summary: 'examines the authorization of an MCP server',
  usage: `Usage: koauthorize mcp-check [issuer] --resource <url> [options]

Examines the authorization of an MCP server, and of the authorization server that it names.

  --resource <url>      the URL of the MCP server
  --other-resource <url>
                        another resource that tokens can be had for, as often as there are some: the MCP server must refuse these.
                        One should begin with the URL of the MCP server
  --target <module>     a module that exports \`target\`: MCPTarget of koauthorize/testing, with \`login\` and \`consent\`
  --client-id <id>, --client-secret <secret>, --redirect-uri <uri>, --scope <scope>
                        a registered client; without it, a client registers itself if the server allows that
  --format <format>     text (default), json or junit; --json is short for json
  --junit <file>        also writes JUnit XML into a file
  --only <names>, --without <names>
                        names of checks, separated by commas
  --strict              fails for what SHOULD be, and for what could not be tried, too

It ends with 1 if something that MUST be is not, or a check has no result, and with 2 if its arguments are wrong. What could not
be tried, it lists; without a login that is most, and it ends with 0 all the same.
`,
  async run(args, { out }) {
    const options = readOptions(args);
    const { only, without, format, strict, junit } = options;
    const target = await targetOf(options);
    const write = junit === undefined ? undefined : fileToWrite(junit);
    const reports = await runMCPChecks(target, { only, without });
    const counted = reports.map((report) => judged(report, strict));
    write?.(formatMCPReportsAsJUnit(counted));
    out(`${FORMATTERS[format](format === 'junit' ? counted : reports)}\n`);
    return reports.some((report) => isFailure(report, strict)) ? 1 : 0;
  },
};
