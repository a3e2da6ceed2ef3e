/** Where results go: to standard output, and with `--write` into RESULTS.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

/** The sections of RESULTS.md. */
export type Section =
  | 'ratios'
  | 'detail'
  | 'other-node'
  | 'other-node-detail'
  | 'bound'
  | 'bound-detail'
  | 'jwt'
  | 'growth'
  | 'purge'
  | 'startup'
  | 'load';

/** bench/, seen from bench/dist/bench/. */
export const BENCH = join(import.meta.dirname, '..', '..');

function replaceSection(text: string, section: Section, markdown: string): string {
  const [begin, end] = [`<!-- section:${section} -->`, `<!-- /section:${section} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`RESULTS.md has no section ${section}`);
  return `${text.slice(0, from)}${begin}\n\n${markdown.trim()}\n\n${text.slice(to)}`;
}

/** Prints a section, and with `--write` puts it into RESULTS.md. */
export function report(section: Section, markdown: string): void {
  console.log(`\n${markdown.trim()}\n`);
  if (!process.argv.includes('--write')) return;
  const path = join(BENCH, 'RESULTS.md');
  writeFileSync(path, replaceSection(readFileSync(path, 'utf8'), section, markdown));
}

/** When and on what: the line under a table. @param node the version that the servers ran on */
export function machine(node = process.version): string {
  const all = cpus();
  const model = all[0]?.model.trim() || 'an unknown CPU';
  return `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${all.length} cores of ${model}, Node ${node}`;
}

/** A Markdown table, numbers to the right. @param rows the first is its head */
export function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
