/** What the rules recognize in one source, line by line. */
import { type Import, importsOf } from './imports.js';
import { LIBRARIES } from './libraries.js';
import type { Library, MigrationRule } from './rule.js';

export interface Match {
  readonly rule: MigrationRule;
  readonly line: number;
  /** The text that the rule recognizes, and not the whole line, which may contain a secret. */
  readonly text: string;
}

/** What a source uses of one library. */
export interface Recognized {
  readonly library: Library;
  /** Whether the source imports it. */
  readonly imports: boolean;
  readonly matches: readonly Match[];
  /** Uses of it that no rule recognizes. */
  readonly unknown: readonly { readonly line: number; readonly text: string }[];
}

/** In characters. The rest of a longer line is ignored. */
const LONGEST_LINE = 1000;

/** A comment, or a line of one. */
const COMMENT = /^\s*(?:\/\/|\/?\*)/;

const isOf = (specifier: string, name: string): boolean => specifier === name || specifier.startsWith(`${name}/`);

/** Whether a specifier is the new package. A source that imports it has been migrated, and the names in it are those of the new package. */
const isOurs = (specifier: string): boolean => isOf(specifier, 'koauthorize');

const belongsTo = (library: Library, specifier: string): boolean =>
  library.packages.some((name) => isOf(specifier, name));

const isRelated = ({ relatedPrefix }: Library, specifier: string): boolean =>
  relatedPrefix !== undefined &&
  specifier.startsWith(relatedPrefix) &&
  !LIBRARIES.some((library) => belongsTo(library, specifier));

const matters = (specifier: string): boolean =>
  isOurs(specifier) || LIBRARIES.some((library) => belongsTo(library, specifier) || isRelated(library, specifier));

/** The lines that rules read: without comments, and without imports of the library, which contain names without using them. */
function readable(lines: readonly string[], imports: readonly Import[]): string[] {
  const kept = lines.map((line) => (COMMENT.test(line) ? '' : line.slice(0, LONGEST_LINE)));
  for (const { lines: [first, last] = [1, 0] } of imports)
    for (let line = first; line <= last; line++) kept[line - 1] = '';
  return kept;
}

function matchesOf(rules: readonly MigrationRule[], lines: readonly string[]): Match[] {
  return lines.flatMap((text, index) => {
    if (text === '') return [];
    return rules.flatMap((rule) => {
      const [found] = rule.pattern.exec(text) ?? [];
      return found === undefined ? [] : [{ rule, line: index + 1, text: found.trim() }];
    });
  });
}

/** The names that the source gives to objects of the library, as in `const server = oauth2orize.createServer(`. */
function madeNames(matches: readonly Match[], lines: readonly string[]): string[] {
  return matches
    .filter(({ rule }) => rule.name === 'create-server')
    .flatMap(({ line, text }) => {
      const before = lines[line - 1]?.split(text, 1)[0] ?? '';
      const [, name] = /([\w$]+)\s*(?::[^=]*)?=[^=]*$/.exec(before.slice(-200)) ?? [];
      return name === undefined ? [] : [name];
    });
}

const quoted = (name: string): string => name.replace(/\$/g, '\\$');

/** Lines that use one of the names, and that no rule recognizes. */
function unknownUses(
  { carrier }: Library,
  lines: readonly string[],
  { imported, made, known }: { imported: readonly string[]; made: readonly string[]; known: ReadonlySet<number> },
): Recognized['unknown'] {
  const uses = [
    ...(imported.length > 0 ? [`(?:${imported.map(quoted).join('|')})(?![\\w$])(?:\\s*\\.\\s*[\\w$]+)?`] : []),
    ...(made.length > 0 ? [`(?:${made.map(quoted).join('|')})\\s*\\.\\s*[\\w$]+`] : []),
  ];
  if (uses.length === 0) return [];
  const use = new RegExp(`(?<![\\w$.])(?:${uses.join('|')})`);
  return lines.flatMap((text, index) => {
    if (known.has(index + 1) || carrier?.test(text)) return [];
    const [found] = use.exec(text) ?? [];
    return found === undefined ? [] : [{ line: index + 1, text: found }];
  });
}

/** The most such names of one source. */
const MOST_NAMES = 50;

/** What the source uses of each library: nothing, if it already imports the new package. */
export function recognize(text: string): Recognized[] {
  const imports = importsOf(text, matters);
  const lines = text.split('\n');
  const isMoved = imports.some(({ specifier }) => isOurs(specifier));
  return LIBRARIES.flatMap((library) => {
    const own = imports.filter(({ specifier }) => belongsTo(library, specifier));
    if (isMoved && own.length === 0) return [];
    const kept = readable(lines, own);
    const matches = matchesOf(library.rules, kept);
    const known = new Set(matches.map(({ line }) => line));
    const imported = own.flatMap(({ names }) => names).slice(0, MOST_NAMES);
    const made = own.length > 0 ? madeNames(matches, kept).slice(0, MOST_NAMES) : [];
    const others = imports
      .filter(({ specifier }) => isRelated(library, specifier))
      .filter(({ specifier }) => !library.rules.some(({ pattern }) => pattern.test(`'${specifier}'`)))
      .map(({ specifier, line }) => ({ line, text: specifier }));
    const unknown = [...others, ...unknownUses(library, kept, { imported, made, known })];
    if (own.length + matches.length + unknown.length === 0) return [];
    return [{ library, imports: own.length > 0, matches, unknown }];
  });
}
