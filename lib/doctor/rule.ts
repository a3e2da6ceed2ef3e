/** The interface of the rules of the doctor. */
import type { Severity } from '../findings.js';
import type { Awaitable } from '../types.js';
import type { Evidence } from './evidence.js';

/** The part of the evidence that a rule needs. */
export type Needs = 'server' | 'app' | 'clients' | 'sessionOptions' | 'store' | 'answers';

export interface DoctorRule {
  /** The name of the rule in findings. */
  readonly name: string;
  readonly severity: Exclude<Severity, 'relaxation'>;
  /** What it finds, in one line. */
  readonly finds: string;
  /** The parts of the evidence that it examines, for the documentation. */
  readonly looksAt: readonly Needs[];
  /** The attack that the error makes possible, or what stops working. */
  readonly why: string;
  readonly section?: string;
  /** What to write instead. */
  readonly remedy: string;
  /**
   * What is wrong, with the values that matter. Empty if nothing is wrong.
   *
   * @returns undefined if there is nothing to look at
   */
  examine(evidence: Evidence): Awaitable<readonly string[] | undefined>;
}
