/** Examines an authorization server by every rule. */
import type { Finding } from '../findings.js';
import { collect, type Evidence } from './evidence.js';
import { relaxationsIn } from './relaxations.js';
import type { DoctorRule } from './rule.js';
import { RULES } from './rules.js';
import { type DiagnoseOptions, type DiagnosisTarget, requireTarget } from './target.js';

/** The findings, and the rules that looked for them. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** Names of the rules that had something to look at. */
  readonly examined: readonly string[];
  /** Names of the rules that had nothing to look at. */
  readonly notExamined: readonly string[];
}

/** @throws RangeError if no rule has a name, TypeError if no rule is chosen */
function chosen({ only, without = [] }: DiagnoseOptions): readonly DoctorRule[] {
  const names = new Set(RULES.map(({ name }) => name));
  const unknown = [...(only ?? []), ...without].find((name) => !names.has(name));
  if (unknown !== undefined)
    throw new RangeError(`There is no rule ${unknown}. The rules are ${[...names].join(', ')}`);
  const rules = RULES.filter(({ name }) => (only?.includes(name) ?? true) && !without.includes(name));
  if (rules.length === 0) throw new TypeError('No rule is chosen'); // an empty report would look like a server without faults
  return rules;
}

async function examine(rule: DoctorRule, evidence: Evidence): Promise<readonly Finding[] | undefined> {
  const { name, severity, why, section, remedy } = rule;
  const found = await rule.examine(evidence);
  return found?.map((what) => ({ rule: name, severity, found: what, why, ...(section && { section }), remedy }));
}

/**
 * Finds errors of an authorization server: in its configuration, its clients, sessions, stores and keys, and in its answers while it runs. It changes nothing:
 * its requests have no credentials, and the one record that it writes to the store is removed again.
 *
 * @returns the findings, which include the relaxations of `server.check()`, and the names of the rules that had nothing to look at
 * @throws TypeError if there is nothing to examine, or `only` and `without` leave no rule
 * @throws RangeError for an unknown name of a rule
 * @example
 * const { findings } = await diagnose({ server, app, clients: apps.values(), store, sessionOptions });
 * assert.deepEqual(findings.filter(({ severity }) => severity !== 'relaxation'), []);
 * @example await diagnose({ url: 'https://as.example' }) // a server in any language
 */
export async function diagnose(target: DiagnosisTarget, options: DiagnoseOptions = {}): Promise<Diagnosis> {
  requireTarget(target, options);
  const rules = chosen(options);
  const evidence = await collect(target, options);
  const results: { readonly name: string; readonly found: readonly Finding[] | undefined }[] = [];
  for (const rule of rules) results.push({ name: rule.name, found: await examine(rule, evidence) });
  const names = (wanted: 'had' | 'had not'): readonly string[] =>
    results.filter(({ found }) => (found === undefined) === (wanted === 'had not')).map(({ name }) => name);
  return {
    findings: [...results.flatMap(({ found = [] }) => found), ...relaxationsIn(target)],
    examined: names('had'),
    notExamined: names('had not'),
  };
}
