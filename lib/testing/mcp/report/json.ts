/** Reports as JSON. */
import { MCP_REVISION } from '../check.js';
import type { MCPReport } from '../run.js';

/**
 * Formats the reports of an exam as JSON: `{ revision, reports }`, for programs.
 *
 * @example writeFileSync('mcp.json', formatMCPReportsAsJSON(reports));
 * @see runMCPChecks
 */
export function formatMCPReportsAsJSON(reports: readonly MCPReport[]): string {
  const told = reports.map(({ error: _, ...report }) => report);
  return JSON.stringify({ revision: MCP_REVISION, reports: told }, undefined, 2);
}
