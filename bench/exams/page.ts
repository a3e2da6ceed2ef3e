/** The page that has the tables. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH } from '../report.js';

const PAGE = join(BENCH, '..', 'docs', 'reliability.md');

/** The text with a section in place of what stands between its markers. @throws Error where there are none */
export function withSection(text: string, name: string, markdown: string): string {
  const [begin, end] = [`<!-- exams:${name} -->`, `<!-- /exams:${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The page has no section ${name}`);
  return `${text.slice(0, from)}${begin}\n\n${markdown}\n\n${text.slice(to)}`;
}

export function writePage(sections: Readonly<Record<string, string>>): void {
  const text = Object.entries(sections).reduce(
    (page, [name, markdown]) => withSection(page, name, markdown),
    readFileSync(PAGE, 'utf8'),
  );
  writeFileSync(PAGE, text);
}
