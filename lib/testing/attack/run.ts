/** Runs attacks one after the other, each after the honest way. */
import { requireKnown } from '../../options.js';
import type { Attack, AttackOutcome } from './attack.js';
import { attacks } from './attacks.js';
import { type AttackContext, openContext } from './context.js';
import { type AttackTarget, requireKnownMembers } from './target.js';

/** Which attacks are tried, by their names: all of them, unless it says otherwise. */
export interface AttackOptions {
  readonly only?: readonly string[] | undefined;
  /** All but these. */
  readonly without?: readonly string[] | undefined;
}

/**
 * What came of one attack. `error`: it could not be told, because the server was down, nobody could log in, or the honest way did not
 * work; the detail says what.
 *
 * @example if (report.outcome !== 'withstood') console.error(`${report.name}: ${report.detail} (${report.clause})`);
 * @see runAttacks
 */
export interface AttackReport extends Pick<Attack, 'name' | 'title' | 'clause'> {
  readonly outcome: AttackOutcome['outcome'] | 'error';
  readonly detail: string;
  /** What was thrown. */
  readonly error?: unknown;
}

/** @throws RangeError for a name that no attack has, TypeError for an option that there is not */
export function chosen(options: AttackOptions): readonly Attack[] {
  requireKnown<AttackOptions>(options, { only: true, without: true }, 'The choice of attacks');
  const { only, without = [] } = options;
  const names = new Set(attacks.map(({ name }) => name));
  const unknown = [...(only ?? []), ...without].filter((name) => !names.has(name));
  if (unknown.length > 0) throw new RangeError(`No attack is named ${unknown.join(', ')}`);
  return attacks.filter(({ name }) => (only?.includes(name) ?? true) && !without.includes(name));
}

export async function runOne({ run, ...attack }: Attack, open: () => Promise<AttackContext>): Promise<AttackReport> {
  try {
    const context = await open();
    // whoever refuses everything, or everyone by now, has withstood nothing
    await context.obtainTokens(context.target.client);
    return { ...attack, detail: '', ...(await run(context)) } as AttackReport;
  } catch (error) {
    return { ...attack, outcome: 'error', detail: error instanceof Error ? error.message : String(error), error };
  }
}

/**
 * Attacks a server, over HTTP, and says what came of it. Nothing is thrown for what cannot be told: its report says `error`.
 *
 * @throws RangeError for a name that no attack has
 * @example
 * const reports = await runAttacks(target);
 * console.log(formatReports(reports));
 * if (reports.some(({ outcome }) => outcome !== 'withstood')) process.exitCode = 1;
 * @see RFC 9700 (Best Current Practice for OAuth 2.0 Security)
 */
export async function runAttacks(target: AttackTarget, options: AttackOptions = {}): Promise<readonly AttackReport[]> {
  const reports: AttackReport[] = [];
  const open = contextOf(target);
  for (const attack of chosen(options)) reports.push(await runOne(attack, open));
  return reports;
}

/** One context for many attacks, opened when the first begins. */
export function contextOf(target: AttackTarget): () => Promise<AttackContext> {
  requireKnownMembers(target);
  let context: Promise<AttackContext> | undefined;
  return () => {
    context ??= openContext(target);
    return context;
  };
}
