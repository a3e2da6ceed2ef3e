/** What a rule of the doctor is. */
import type { Severity } from '../findings.js';
import type { Awaitable } from '../types.js';
import type { Evidence } from './evidence.js';

/** What a rule needs to have something to look at. */
export type Needs = 'server' | 'app' | 'clients' | 'sessionOptions' | 'store' | 'answers';

export interface DoctorRule {
  /** Its name, as it stands in findings. */
  readonly name: string;
  readonly severity: Exclude<Severity, 'relaxation'>;
  /** What it finds, in one line. */
  readonly finds: string;
  /** What it looks at, for the documentation. */
  readonly looksAt: readonly Needs[];
  /** The attack, or what breaks. */
  readonly why: string;
  readonly section?: string;
  /** What to write instead. */
  readonly remedy: string;
  /**
   * What is wrong, with the values that matter. Empty if nothing is wrong.
   *
   * @returns undefined where there is nothing to look at
   */
  examine(evidence: Evidence): Awaitable<readonly string[] | undefined>;
}
