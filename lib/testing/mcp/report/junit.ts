/** Reports as JUnit XML, which CI systems read. */
import { formatJUnit, type JUnitTest } from '../../junit.js';
import type { MCPReport } from '../run.js';

const KINDS = { failed: 'failure', skipped: 'skipped', error: 'error' } as const;

const testOf = ({ name, side, rule, source, outcome, detail }: MCPReport): JUnitTest => ({
  classname: side,
  name: `${name}: ${rule} (${source})`,
  problem: outcome === 'passed' ? undefined : { kind: KINDS[outcome], message: detail },
});

/**
 * Formats the reports of an exam as JUnit XML, with one test suite for checks of MUST, and one for checks of SHOULD.
 *
 * @example writeFileSync('mcp.xml', formatMCPReportsAsJUnit(reports));
 * @see runMCPChecks
 */
export function formatMCPReportsAsJUnit(reports: readonly MCPReport[]): string {
  const testsOf = (level: MCPReport['level']): readonly JUnitTest[] =>
    reports.filter((report) => report.level === level).map(testOf);
  return formatJUnit({
    'MCP authorization: MUST': testsOf('MUST'),
    'MCP authorization: SHOULD': testsOf('SHOULD'),
  });
}
