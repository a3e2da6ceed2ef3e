/** Reports of attacks, as a table and as tests. */
import { oneLine } from '../../errors/one-line.js';
import { inColumns } from '../columns.js';
import type { TestFramework } from '../store-contract.js';
import { type AttackOptions, type AttackReport, chosen, contextOf, runOne } from './run.js';
import type { AttackTarget } from './target.js';

/** If the honest flow fails, it fails before every attack. The table shows the same error once, since its repetition would hide all other lines. */
const repeatsError = ({ outcome, detail }: AttackReport, before: AttackReport | undefined): boolean =>
  outcome === 'error' && before?.outcome === 'error' && before.detail === detail;

/**
 * Formats reports as a table of attack, outcome, clause and detail.
 *
 * @example console.log(formatReports(await runAttacks(target)));
 * @see runAttacks
 */
export function formatReports(reports: readonly AttackReport[]): string {
  const rows = reports.map((report, i) => [
    report.name,
    report.outcome,
    report.clause,
    repeatsError(report, reports[i - 1]) ? 'the same' : oneLine(report.detail),
  ]);
  return inColumns([['attack', 'outcome', 'clause', 'detail'], ...rows]);
}

function judge({ outcome, title, clause, detail, error }: AttackReport): void {
  if (outcome === 'withstood') return;
  if (outcome === 'error') throw new Error(`It cannot be told: ${detail}`, { cause: error });
  if (outcome === 'skipped')
    throw new Error(`Not tried: ${detail}. Where that is as it should be, name it in \`without\``);
  throw new Error(`Succeeded: ${title}: ${detail} (${clause})`);
}

/**
 * Defines a test for each attack. It fails when the attack succeeds, and also when it could not be tried: name in `without` the attacks that you know
 * cannot be tried.
 *
 * @throws RangeError for a name that no attack has
 * @example
 * import { describe, it } from 'node:test';
 * import { attackSuite } from 'koauthorize/testing';
 *
 * attackSuite({ describe, it }, target, { without: ['introspection-of-anothers-token'] });
 * @see RFC 9700 (Best Current Practice for OAuth 2.0 Security)
 */
export function attackSuite({ describe, it }: TestFramework, target: AttackTarget, options: AttackOptions = {}): void {
  const open = contextOf(target);
  const list = chosen(options);
  describe(`attacks on ${target.issuer}`, () => {
    for (const attack of list)
      it(`${attack.name}: ${attack.title} (${attack.clause})`, async () => judge(await runOne(attack, open)));
  });
}
