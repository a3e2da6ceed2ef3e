/** The table of what `koauthorize migrate` recognizes of a library. */
import { LIBRARIES } from '../../lib/command/migrate/libraries.js';
import type { MigrationRule } from '../../lib/command/migrate/rule.js';

const code = (text: string): string => `\`${text}\``;

/** The names of the options that a relaxation has. */
function optionsOf({ relaxation }: MigrationRule): string {
  const names = relaxation?.write.match(/\b(?:allow[A-Z]\w+|rotate)\b/g) ?? [];
  return [...new Set(names)].map(code).join(', ');
}

/** The head of the table, and its rows. @throws Error for a library that migrate does not know */
export function migrationsTable(
  name: string,
): readonly [head: readonly string[], rows: readonly (readonly string[])[]] {
  const library = LIBRARIES.find((each) => each.name === name);
  if (!library) throw new Error(`migrate knows no library ${name}`);
  const rows = library.rules.map((rule) => [
    ...[`[${code(rule.name)}](${rule.docs})`, rule.found, rule.changes ?? ''],
    optionsOf(rule),
  ]);
  return [['part', 'found', 'what changes for clients', 'kept for a while by'], rows];
}
