/** Relaxations by `legacy()`. A server has one `legacy()`, so the report writes it once, with the options of all parts that need it. */
import type { LegacyOptions } from '../../profile/legacy/options.js';
import type { Found } from './examine.js';
import type { RelaxationByName } from './rule.js';

type Option = Exclude<keyof LegacyOptions, 'appliesTo'>;

/** What a part of a report writes for its option of `legacy()`. */
export interface ByLegacy {
  readonly option: Option;
  /** The code that the part needs besides `legacy()`, with its imports. It may be empty. */
  readonly code: string;
}

function write(code: string, options: readonly Option[]): string {
  const list = options.map((option) => `${option}: true`).join(', ');
  const lines = [
    "import { legacy } from 'koauthorize/profile/legacy';",
    code,
    `server.extend(...legacy<App, User>({ ${list} }));`,
  ];
  return lines.filter((line) => line !== '').join('\n');
}

/** A relaxation by an option of `legacy()`. @param code what the part needs besides, with its imports */
export function byLegacy(option: Option, givesUp: string, code = ''): RelaxationByName {
  return { write: write(code, [option]), legacy: { option, code }, givesUp };
}

/** The parts of a report, in which the first part that needs `legacy()` has the options of all. */
export function withOneLegacy(found: readonly Found[]): readonly Found[] {
  const needing = found.flatMap(({ rule }) => (rule.relaxation?.legacy ? [{ rule, ...rule.relaxation.legacy }] : []));
  const [first] = needing;
  const options = [...new Set(needing.map(({ option }) => option))];
  return found.map((each) => {
    const { relaxation } = each.rule;
    if (!first || !relaxation?.legacy) return each;
    const { code, option } = relaxation.legacy;
    const other = `${code && `${code}\n`}// ${option} is in legacy() of the part ${first.rule.name}`;
    const written = each.rule === first.rule ? write(code, options) : other;
    return { ...each, rule: { ...each.rule, relaxation: { ...relaxation, write: written } } };
  });
}
