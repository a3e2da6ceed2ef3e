/** The shape of an attack, and of its outcome. */
import type { AttackContext } from './context.js';

/**
 * The outcome of an attack: `withstood`; `succeeded`, with the attacker's gain in `detail`; or `skipped`, with what the target lacks for the attack in
 * `detail`.
 *
 * @example const outcome: AttackOutcome = { outcome: 'succeeded', detail: 'the code was exchanged twice' };
 * @see runAttacks
 */
export type AttackOutcome =
  | { readonly outcome: 'withstood'; readonly detail?: string | undefined }
  | { readonly outcome: 'succeeded' | 'skipped'; readonly detail: string };

/** One attack. Before each, an honest flow must succeed, since a server that refuses everything would withstand all attacks. */
export interface Attack {
  /** In kebab-case. */
  readonly name: string;
  /** What the attacker tries, in a sentence. */
  readonly title: string;
  /** The rule that is attacked. */
  readonly clause: string;
  /** @throws Error if there is no outcome: the server is down, the login fails, or the honest flow fails */
  run(context: AttackContext): Promise<AttackOutcome>;
}

export const withstood: AttackOutcome = { outcome: 'withstood' };

/** @param detail what the attacker got, and how */
export const succeeded = (detail: string): AttackOutcome => ({ outcome: 'succeeded', detail });

/** @param detail what the target lacks */
export const skipped = (detail: string): AttackOutcome => ({ outcome: 'skipped', detail });
