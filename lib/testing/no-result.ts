/** Where a server is down, nothing has a result, all for one reason: a report that repeats it in each line hides all else. */
import { oneLine } from '../errors/one-line.js';

interface Reported {
  readonly outcome: string;
  readonly detail: string;
}

/** Whether a report says the error that the one before it has said. */
export const repeatsError = ({ outcome, detail }: Reported, before: Reported | undefined): boolean =>
  outcome === 'error' && before?.outcome === 'error' && before.detail === detail;

/**
 * Says once why nothing has a result, that which could not be tried aside; undefined where something has one, or where there are several reasons.
 *
 * @param what what was tried
 */
export function sayOnce(reports: readonly Reported[], what: string): string | undefined {
  const [first, ...others] = reports.filter(({ outcome }) => outcome !== 'skipped');
  const isOne = others.length > 0 && others.every((each) => repeatsError(each, first));
  return first && isOne ? `None of ${reports.length} ${what} has a result: ${oneLine(first.detail)}` : undefined;
}
