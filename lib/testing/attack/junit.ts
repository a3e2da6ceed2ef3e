/** Reports of attacks as JUnit XML, which CI systems read. */
import { formatJUnit, type JUnitTest } from '../junit.js';
import type { AttackReport } from './run.js';

const KINDS = { succeeded: 'failure', skipped: 'skipped', error: 'error' } as const;

const testOf = ({ name, title, clause, outcome, detail }: AttackReport): JUnitTest => ({
  classname: 'attacks',
  name: `${name}: ${title} (${clause})`,
  problem: outcome === 'withstood' ? undefined : { kind: KINDS[outcome], message: detail },
});

/**
 * Formats reports as JUnit XML. An attack that succeeded is a failure, one without a result is an error, and one that could not be tried is skipped.
 *
 * @example writeFileSync('attacks.xml', formatReportsAsJUnit(await runAttacks(target)));
 * @see runAttacks
 */
export function formatReportsAsJUnit(reports: readonly AttackReport[]): string {
  return formatJUnit({ attacks: reports.map(testOf) });
}
