/** `koauthorize mcp-check`: examines the authorization of an MCP server. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatMCPReportsAsJSON } from '../testing/mcp/report/json.js';
import { formatMCPReportsAsJUnit } from '../testing/mcp/report/junit.js';
import { formatMCPReports } from '../testing/mcp/report/text.js';
import { type MCPReport, runMCPChecks } from '../testing/mcp/run.js';
import type { MCPTarget } from '../testing/mcp/target.js';
import { type CheckCommand, readOptions, UsageError } from './options.js';

const FORMATTERS: Readonly<Record<CheckCommand['format'], (reports: readonly MCPReport[]) => string>> = {
  text: formatMCPReports,
  json: formatMCPReportsAsJSON,
  junit: formatMCPReportsAsJUnit,
};

/** The target that a module exports. @throws UsageError */
async function exportedTarget(path: string): Promise<Partial<MCPTarget>> {
  const module: { readonly target?: Partial<MCPTarget> } = await import(pathToFileURL(resolve(path)).href);
  if (typeof module.target === 'object') return module.target;
  throw new UsageError(`${path} exports no target`);
}

/** What the arguments say counts more than what the module says. */
async function targetOf({ target, issuer, resource, client }: CheckCommand): Promise<MCPTarget> {
  const exported = target === undefined ? {} : await exportedTarget(target);
  const said = Object.entries({ issuer, resource, client }).filter(([, value]) => value !== undefined);
  const made: Partial<MCPTarget> = { ...exported, ...Object.fromEntries(said) };
  if (made.resource === undefined) throw new UsageError('The target has no resource');
  return { ...made, resource: made.resource };
}

/** A check without a result is no pass. One that was not tried is none either, but whoever gives no login knows. */
function isFailure({ outcome, level }: MCPReport, strict: CheckCommand['strict']): boolean {
  return outcome === 'error' || (outcome === 'failed' && (level === 'MUST' || strict));
}

/**
 * @param write where the reports go
 * @returns the exit code: 1 where something that MUST be is not, or has no result
 * @throws UsageError, RangeError for a check that there is not, TypeError for a target that cannot be meant
 */
export async function mcpCheck(args: readonly string[], write: (text: string) => void): Promise<number> {
  const options = readOptions(args);
  const { only, without, format, strict } = options;
  const reports = await runMCPChecks(await targetOf(options), { only, without });
  write(`${FORMATTERS[format](reports)}\n`);
  return reports.some((report) => isFailure(report, strict)) ? 1 : 0;
}
