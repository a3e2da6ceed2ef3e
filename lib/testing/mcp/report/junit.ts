/** Reports as JUnit XML, which CI systems read. */
import { oneLine } from '../../../syntax/one-line.js';
import type { MCPReport } from '../run.js';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for XML 1.0, which has no control characters, no halves of surrogates and no U+FFFE: with one of them no CI system reads the report. */
const escapeXML = (text: string): string => oneLine(text).replace(/[&<>"]/g, (each) => ESCAPES[each] ?? '');

const TAGS = { failed: 'failure', skipped: 'skipped', error: 'error' } as const;

function testcase({ name, side, rule, source, outcome, detail }: MCPReport): string {
  const title = `    <testcase classname="${side}" name="${escapeXML(`${name}: ${rule} (${source})`)}"`;
  if (outcome === 'passed') return `${title}/>`;
  return `${title}><${TAGS[outcome]} message="${escapeXML(detail)}"/></testcase>`;
}

function testsuite(reports: readonly MCPReport[], level: MCPReport['level']): string {
  const some = reports.filter((each) => each.level === level);
  const count = (outcome: MCPReport['outcome']): number => some.filter((each) => each.outcome === outcome).length;
  const counts = `tests="${some.length}" failures="${count('failed')}" errors="${count('error')}" skipped="${count('skipped')}"`;
  return [`  <testsuite name="MCP authorization: ${level}" ${counts}>`, ...some.map(testcase), '  </testsuite>'].join(
    '\n',
  );
}

/**
 * Formats the reports of an exam as JUnit XML, with a test suite for what MUST be and one for what SHOULD be.
 *
 * @example writeFileSync('mcp.xml', formatMCPReportsAsJUnit(reports));
 * @see runMCPChecks
 */
export function formatMCPReportsAsJUnit(reports: readonly MCPReport[]): string {
  const suites = (['MUST', 'SHOULD'] as const).map((level) => testsuite(reports, level));
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suites, '</testsuites>', ''].join('\n');
}
