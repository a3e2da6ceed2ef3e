/** Runs attacks one after the other, with an honest flow before each. */
import { requireKnown } from '../../options.js';
import type { Attack, AttackOutcome } from './attack.js';
import { attacks } from './attacks.js';
import { type AttackContext, openContext } from './context.js';
import { type AttackTarget, requireKnownMembers } from './target.js';

/** Which attacks are tried, by name. Default: all. */
export interface AttackOptions {
  readonly only?: readonly string[] | undefined;
  /** Names of attacks that are not tried. */
  readonly without?: readonly string[] | undefined;
}

/**
 * The result of one attack. `error` means that there is no outcome: the server was down, login failed, or the honest flow failed; the detail says
 * which.
 *
 * @example
 * for (const { name, outcome, detail, clause } of await runAttacks(target))
 *   if (outcome !== 'withstood') console.error(`${name}: ${detail} (${clause})`);
 * @see runAttacks
 */
export interface AttackReport extends Pick<Attack, 'name' | 'title' | 'clause'> {
  readonly outcome: AttackOutcome['outcome'] | 'error';
  readonly detail: string;
  /** The error that was thrown, if the outcome is `error`. */
  readonly error?: unknown;
}

/** @throws RangeError for an unknown name of an attack, TypeError for an unknown option, and if no attack is left */
export function chosen(options: AttackOptions): readonly Attack[] {
  requireKnown<AttackOptions>(options, { only: true, without: true }, 'The choice of attacks');
  const { only, without = [] } = options;
  const names = new Set(attacks.map(({ name }) => name));
  const unknown = [...(only ?? []), ...without].filter((name) => !names.has(name));
  if (unknown.length > 0) throw new RangeError(`No attack is named ${unknown.join(', ')}`);
  const list = attacks.filter(({ name }) => (only?.includes(name) ?? true) && !without.includes(name));
  if (list.length === 0) throw new TypeError('No attack is chosen'); // an empty report would look like a server that withstood all attacks
  return list;
}

export async function runOne({ run, ...attack }: Attack, open: () => Promise<AttackContext>): Promise<AttackReport> {
  try {
    const context = await open();
    // a server that refuses everything, or has locked the client out, would seem to withstand every attack
    await context.obtainTokens(context.target.client);
    return { ...attack, detail: '', ...(await run(context)) } as AttackReport;
  } catch (error) {
    return { ...attack, outcome: 'error', detail: error instanceof Error ? error.message : String(error), error };
  }
}

/**
 * Attacks a server over HTTP, and reports the outcomes. An attack that could not be carried out is reported as `error`; nothing is thrown for it.
 *
 * @throws RangeError for a name that no attack has
 * @throws TypeError if `only` and `without` leave no attack
 * @example
 * const reports = await runAttacks(target);
 * console.log(formatReports(reports));
 * if (reports.some(({ outcome }) => outcome !== 'withstood')) process.exitCode = 1;
 * @see RFC 9700 (Best Current Practice for OAuth 2.0 Security)
 */
export async function runAttacks(target: AttackTarget, options: AttackOptions = {}): Promise<readonly AttackReport[]> {
  const reports: AttackReport[] = [];
  for await (const report of attacksOn(target, options)) reports.push(report);
  return reports;
}

/** Yields each report as soon as its attack has ended. @throws RangeError for an unknown name of an attack */
export async function* attacksOn(target: AttackTarget, options: AttackOptions): AsyncGenerator<AttackReport, void> {
  const open = contextOf(target);
  for (const attack of chosen(options)) yield await runOne(attack, open);
}

/** One context for all attacks, which is opened before the first. @throws TypeError for an unknown member of the target */
export function contextOf(target: AttackTarget): () => Promise<AttackContext> {
  requireKnownMembers(target);
  let context: Promise<AttackContext> | undefined;
  return () => {
    context ??= openContext(target);
    return context;
  };
}
