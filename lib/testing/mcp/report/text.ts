/** Reports as text. */
import { oneLine } from '../../../errors/one-line.js';
import { repeatsError } from '../../no-result.js';
import { MCP_REVISION } from '../check.js';
import type { MCPReport } from '../run.js';

const MARKS: Readonly<Record<MCPReport['outcome'], string>> = {
  passed: 'ok',
  failed: 'FAIL',
  skipped: 'not tried',
  error: 'ERROR',
};

function line(report: MCPReport, index: number, all: readonly MCPReport[]): string {
  const { outcome, name, rule, source, detail } = report;
  const isTold = detail !== '' && !repeatsError(report, all[index - 1]);
  const told = isTold ? `\n${' '.repeat(11)}${oneLine(detail)}` : '';
  return `${MARKS[outcome].padEnd(9)}  ${name}: ${rule} (${source})${told}`;
}

const count = (reports: readonly MCPReport[], outcome: MCPReport['outcome']): number =>
  reports.filter((each) => each.outcome === outcome).length;

function summary(reports: readonly MCPReport[]): string {
  const [passed, failed] = [count(reports, 'passed'), count(reports, 'failed')];
  return `${passed} passed, ${failed} failed, ${count(reports, 'skipped')} not tried, ${count(reports, 'error')} without a result`;
}

/**
 * Formats the reports of an exam as text: the checks of MUST and those of SHOULD, and how many of each passed. An error with which several checks in a row
 * ended is printed once.
 *
 * @example console.log(formatMCPReports(await runMCPChecks(target)));
 * @see runMCPChecks
 */
export function formatMCPReports(reports: readonly MCPReport[]): string {
  const parts = (['MUST', 'SHOULD'] as const).map((level) => {
    const some = reports.filter((each) => each.level === level);
    return [level, ...some.map(line), `${level}: ${summary(some)}`].join('\n');
  });
  return [`Authorization of an MCP server, revision ${MCP_REVISION}`, ...parts].join('\n\n');
}
