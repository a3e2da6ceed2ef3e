/** The shape of an attack, and of its outcome. */
import type { AttackContext } from './context.js';

/**
 * The outcome of an attack: `withstood`; `succeeded`, where the detail says what the attacker got; `skipped`, where the detail says what the
 * target lacks for the attack to be tried.
 *
 * @example const outcome: AttackOutcome = { outcome: 'succeeded', detail: 'the code was exchanged twice' };
 * @see runAttacks
 */
export type AttackOutcome =
  | { readonly outcome: 'withstood'; readonly detail?: string | undefined }
  | { readonly outcome: 'succeeded' | 'skipped'; readonly detail: string };

/** Before every attack, an honest flow must succeed: a server that refuses everything has withstood nothing. */
export interface Attack {
  /** In kebab-case. */
  readonly name: string;
  /** What the attacker tries, in a sentence. */
  readonly title: string;
  /** The rule that is attacked. */
  readonly clause: string;
  /** @throws Error when there is no outcome: the server is down, login fails, or the honest flow fails */
  run(context: AttackContext): Promise<AttackOutcome>;
}

export const withstood: AttackOutcome = { outcome: 'withstood' };

/** @param detail what the attacker got, and how */
export const succeeded = (detail: string): AttackOutcome => ({ outcome: 'succeeded', detail });

/** @param detail what the target lacks */
export const skipped = (detail: string): AttackOutcome => ({ outcome: 'skipped', detail });
