/** Examines an MCP server, one check after the other. */
import { requireKnown } from '../../options.js';
import { type Check, NotTried } from './check.js';
import { checks } from './checks.js';
import { type Exam, openExam } from './exam/exam.js';
import { type MCPTarget, requireKnownTarget } from './target.js';

/** Which checks are tried, by name. Default: all. */
export interface MCPOptions {
  readonly only?: readonly string[] | undefined;
  /** Names of checks that are not tried. */
  readonly without?: readonly string[] | undefined;
}

/**
 * The result of one check. `skipped` means that the target lacks what the check needs; `error` that there is no result: the server was down, or the
 * honest flow failed. The detail says which.
 *
 * @example
 * for (const { level, outcome, rule, detail, source } of await runMCPChecks(target))
 *   if (level === 'MUST' && outcome === 'failed') console.error(`${rule}: ${detail} (${source})`);
 * @see runMCPChecks
 */
export interface MCPReport extends Pick<Check, 'name' | 'side' | 'level' | 'source' | 'rule'> {
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'error';
  /** What is wrong, or what is missing; empty if nothing is. */
  readonly detail: string;
  /** The error that was thrown, if the outcome is `error`. */
  readonly error?: unknown;
}

/** @throws RangeError for an unknown name of a check, TypeError for an unknown option, and if no check is left */
export function chosenChecks(options: MCPOptions): readonly Check[] {
  requireKnown<MCPOptions>(options, { only: true, without: true }, 'The choice of checks');
  const { only, without = [] } = options;
  const names = new Set(checks.map(({ name }) => name));
  const unknown = [...(only ?? []), ...without].filter((name) => !names.has(name));
  if (unknown.length > 0) throw new RangeError(`No check is named ${unknown.join(', ')}`);
  const list = checks.filter(({ name }) => (only?.includes(name) ?? true) && !without.includes(name));
  if (list.length === 0) throw new TypeError('No check is chosen'); // an empty report would look like a server that passed all checks
  return list;
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export async function runCheck({ run, requirements: _, ...check }: Check, exam: Exam): Promise<MCPReport> {
  try {
    const finding = await run(exam);
    return { ...check, outcome: finding === undefined ? 'passed' : 'failed', detail: finding ?? '' };
  } catch (error) {
    if (error instanceof NotTried) return { ...check, outcome: 'skipped', detail: error.message };
    return { ...check, outcome: 'error', detail: said(error), error };
  }
}

/** @throws TypeError for an unknown member of the target */
export function examOf(target: MCPTarget): Exam {
  requireKnownTarget(target);
  return openExam(target);
}

/**
 * Examines the authorization of an MCP server over HTTP: the MCP server itself, and the authorization server that it names. A failed check is reported, and
 * throws nothing.
 *
 * @throws RangeError for a name that no check has
 * @throws TypeError for an unknown member of the target, and if `only` and `without` leave no check
 * @example
 * const reports = await runMCPChecks(target);
 * console.log(formatMCPReports(reports));
 * @see mcpSuite
 */
export async function runMCPChecks(target: MCPTarget, options: MCPOptions = {}): Promise<readonly MCPReport[]> {
  const exam = examOf(target);
  const reports: MCPReport[] = [];
  for (const check of chosenChecks(options)) reports.push(await runCheck(check, exam));
  return reports;
}
