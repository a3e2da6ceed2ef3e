/** What a source imports, read without a parser. */

export interface Import {
  readonly specifier: string;
  /** The names that the source gives to the imports. */
  readonly names: readonly string[];
  /** The line of the specifier, counted from 1. */
  readonly line: number;
  /** The first and the last line of the import, counted from 1; undefined if other code is on these lines. */
  readonly lines: readonly [first: number, last: number] | undefined;
}

/** `from 'x'`, `require('x')`, `import('x')`, `import 'x'`. */
const SPECIFIER = /\b(?:from|import|require)\s{0,50}(?:(\()\s{0,50})?(['"`])([@\w][\w@./-]{0,200})\2/g;

/** The most characters between the beginning of an import, or of an assignment, and its specifier. */
const LONGEST = { import: 4000, assignment: 500 } as const;

/** The most imports of one source that are read. */
const MOST = 200;

/** `{ a, b as c }`, `{ a, b: c }`, `a`, `* as a`, `a, { b }`. */
function namesIn(clause: string): string[] {
  const own = clause.replace(/(?<![\w$])[\w$]+\s*(?:\bas\b|:)\s*/g, ''); // matches only at the start of a name: otherwise a long name would take quadratic time
  return (own.match(/[A-Za-z_$][\w$]*/g) ?? []).filter((name) => name !== 'type');
}

/** Where the statement begins in the text before the specifier, and its names. */
function beginning(before: string, isCall: boolean): { readonly at: number; readonly names: string[] } | undefined {
  if (!isCall) {
    const at = before.lastIndexOf('import');
    const clause = before.slice(at + 'import'.length);
    return at === -1 || /['";]/.test(clause) ? undefined : { at, names: namesIn(clause) };
  }
  const [assigned, clause = ''] = /(\{[^{}]*\}|[\w$]+)\s*=\s*(?:await\s*)?$/.exec(before) ?? [];
  return assigned === undefined ? undefined : { at: before.length - assigned.length, names: namesIn(clause) };
}

/** Counts lines once for the whole source, so that many imports do not take quadratic time. */
function lineCounter(text: string): (offset: number) => number {
  let [line, from] = [1, 0];
  return (offset) => {
    for (let at = text.indexOf('\n', from); at !== -1 && at < offset; at = text.indexOf('\n', from)) {
      line++;
      from = at + 1;
    }
    return line;
  };
}

const isPlainEnd = (rest: string): boolean => /^\s*\)?\s*[;,]?\s*(?:\/\/.*)?$/.test(rest);

/** @param isWanted tells whether the import of a specifier is returned */
export function importsOf(text: string, isWanted: (specifier: string) => boolean): Import[] {
  const lineOf = lineCounter(text);
  const found: Import[] = [];
  for (const { 0: whole, 1: parenthesis, 3: specifier = '', index } of text.matchAll(SPECIFIER)) {
    if (!isWanted(specifier)) continue;
    if (found.length === MOST) break;
    const isCall = parenthesis !== undefined;
    const start = Math.max(0, index - (isCall ? LONGEST.assignment : LONGEST.import));
    const begun = beginning(text.slice(start, index), isCall);
    const end = index + whole.length;
    const rest = text.slice(end, end + 200).split('\n', 1)[0] ?? '';
    const first = lineOf(begun ? start + begun.at : index);
    const last = lineOf(index);
    found.push({
      specifier,
      names: begun?.names ?? [],
      line: last,
      lines: isPlainEnd(rest) ? [first, last] : undefined,
    });
  }
  return found;
}
