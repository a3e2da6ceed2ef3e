/** If a server is down, nothing has a result, for one reason. A report that repeats this reason in each line would hide everything else. */
import { oneLine } from '../errors/one-line.js';

interface Reported {
  readonly outcome: string;
  readonly detail: string;
}

/** Whether a report has the same error as the report before it. */
export const repeatsError = ({ outcome, detail }: Reported, before: Reported | undefined): boolean =>
  outcome === 'error' && before?.outcome === 'error' && before.detail === detail;

/**
 * One sentence why nothing has a result. Skipped reports do not count. Undefined if a report has a result, or if there are several reasons.
 *
 * @param what the plural noun of the reports, such as `attacks`
 */
export function sayOnce(reports: readonly Reported[], what: string): string | undefined {
  const [first, ...others] = reports.filter(({ outcome }) => outcome !== 'skipped');
  const isOne = others.length > 0 && others.every((each) => repeatsError(each, first));
  return first && isOne ? `None of ${reports.length} ${what} has a result: ${oneLine(first.detail)}` : undefined;
}
