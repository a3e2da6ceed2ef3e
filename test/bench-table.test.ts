/** docs/how-fast.md says of speed what was measured, and nothing else. */
import assert from 'node:assert/strict';
import { textOf } from './readme/pages.js';

/** What stands between two markers. */
function between(begin: string, end: string, markdown: string): string {
  const [, text] = markdown.split(begin);
  const [inside, after] = text?.split(end) ?? [];
  assert.ok(inside !== undefined && after !== undefined, `${begin} and ${end} are there`);
  return inside.trim();
}

const isRow = (line: string): boolean => line.startsWith('|');

/** The table that `npm run bench -- --write` has written; below it are the conditions and the notes. */
function measured(results: string): string {
  const section = between('<!-- section:ratios -->', '<!-- /section:ratios -->', results);
  return section.split('\n').filter(isRow).join('\n');
}

const shown = (page: string): string => between('<!-- bench -->', '<!-- /bench -->', page);

/** The line of the server whose label has that in it. */
const lineOf = (label: string, table: string): string | undefined =>
  table.split('\n').find((line) => line.split('|')[1]?.includes(label));

describe('the table of docs/how-fast.md', () => {
  const table = shown(textOf('docs/how-fast.md') ?? '');

  it('is the one of bench/RESULTS.md, letter by letter', () => {
    assert.equal(table, measured(textOf('bench/RESULTS.md') ?? ''));
  });

  it('has ours, and what it is compared with', () => {
    assert.match(lineOf('**koauthorize**', table) ?? '', /^\|[^|]+(\| \d+\.\d\d(?: <sup>[\d, ]+<\/sup>)? ){5}\|$/);
    assert.match(lineOf('@koa/bodyparser', table) ?? '', /^\|[^|]+(\| 1\.00(?: <sup>[\d, ]+<\/sup>)? ){5}\|$/);
  });
});

describe('the table of docs/how-fast.md: what the check sees', () => {
  const written = '| | a |\n| --- | ---: |\n| x | 1.25 |';
  const results = (text: string) =>
    `<!-- section:ratios -->\n\n${text}\n\n<!-- /section:ratios -->\n| other | table |\n`;
  const page = (text: string) => `# One\n<!-- bench -->\n\n${text}\n\n<!-- /bench -->\n`;

  it('the rows, without what stands below them and in other sections', () => {
    assert.equal(measured(results(`${written}\n\n2026, 2 cores.\n\n1. A note.`)), written);
    assert.equal(shown(page(written)), written);
  });

  it('another figure, a line more, a word beside the table', () => {
    for (const other of [written.replace('1.25', '1.26'), `${written}\n| y | 2 |`, `${written}\nfast`])
      assert.notEqual(shown(page(other)), measured(results(written)));
  });

  it('that a marker is missing', () => {
    assert.throws(() => shown('<!-- bench -->'), /are there/);
    assert.throws(() => measured(written), /are there/);
  });
});
