/** What an attack is, and what comes of one. */
import type { AttackContext } from './context.js';

/**
 * What came of an attack: `withstood`; `succeeded`, when the attacker got what they wanted, and the detail says what; `skipped`, when the
 * target lacks what the attack needs, and the detail says what.
 *
 * @example const outcome: AttackOutcome = { outcome: 'succeeded', detail: 'the code was exchanged twice' };
 * @see runAttacks
 */
export type AttackOutcome =
  | { readonly outcome: 'withstood'; readonly detail?: string | undefined }
  | { readonly outcome: 'succeeded' | 'skipped'; readonly detail: string };

/** Before every attack the honest way is gone: whoever refuses everything has withstood nothing. */
export interface Attack {
  /** In kebab-case. */
  readonly name: string;
  /** What the attacker tries, in a sentence. */
  readonly title: string;
  /** The rule that is attacked. */
  readonly clause: string;
  /** @throws Error when it cannot be told: the server is down, nobody can log in, the honest way does not work */
  run(context: AttackContext): Promise<AttackOutcome>;
}

export const withstood: AttackOutcome = { outcome: 'withstood' };

/** @param detail what the attacker has got, and by what */
export const succeeded = (detail: string): AttackOutcome => ({ outcome: 'succeeded', detail });

/** @param detail what the target lacks */
export const skipped = (detail: string): AttackOutcome => ({ outcome: 'skipped', detail });
