/** The exam of an MCP server as tests. */
import type { TestFramework } from '../store-contract.js';
import { chosenChecks, examOf, type MCPOptions, type MCPReport, runCheck } from './run.js';
import type { MCPTarget } from './target.js';

function judge({ outcome, rule, source, detail, error }: MCPReport): void {
  if (outcome === 'passed') return;
  if (outcome === 'error') throw new Error(`It cannot be told: ${detail}`, { cause: error });
  if (outcome === 'skipped')
    throw new Error(`Not tried: ${detail}. Where that is as it should be, name it in \`without\``);
  throw new Error(`${rule}. But: ${detail} (${source})`);
}

/**
 * Defines a test for each check of the authorization of an MCP server, in two suites: the checks of MUST, and those of SHOULD. A test also fails when its
 * check could not be tried: name in `without` the checks that you know cannot be tried, and checks of a SHOULD that you have reasons not to follow.
 *
 * @throws RangeError for a name that no check has
 * @throws TypeError for an unknown member of the target
 * @example
 * import { describe, it } from 'node:test';
 * import { mcpSuite } from 'koauthorize/testing';
 *
 * mcpSuite({ describe, it }, target, { without: ['id-token-at-api'] });
 * @see runMCPChecks
 */
export function mcpSuite({ describe, it }: TestFramework, target: MCPTarget, options: MCPOptions = {}): void {
  const exam = examOf(target);
  const list = chosenChecks(options);
  for (const level of ['MUST', 'SHOULD'] as const)
    describe(`MCP authorization of ${target.resource}: ${level}`, () => {
      for (const check of list.filter((each) => each.level === level))
        it(`${check.name}: ${check.rule} (${check.source})`, async () => judge(await runCheck(check, exam)));
    });
}
