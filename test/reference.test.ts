/** The tables of README and docs/ that are made from the sources, and what they are made from. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from './readme/pages.js';
import { extensionFolders, membersTable, specificationRows, withTables } from './reference/tables.js';
import { root } from './run.js';

describe('the tables that are made from the sources', () => {
  const folders = extensionFolders();

  for (const { path, markdown } of pages()) {
    if (!markdown.includes('<!-- made from: ')) continue;
    it(`of ${path} are current: npm run docs`, () => {
      assert.equal(markdown, withTables(markdown));
    });
  }

  it('say something of every extension', () => {
    assert.ok(folders.length >= 10);
    for (const { name, spec, server, api } of folders) {
      assert.match(
        spec,
        /^(?:RFC \d+(?: §[\d.]+)?|draft-[a-z0-9-]+|[A-Z].+)$/,
        `lib/extension/${name} begins with its specification`,
      );
      const docs = [...server.values(), ...api.values()];
      assert.ok(docs.length > 0 && !docs.includes(''), `${name}: every exported function has a doc comment`);
    }
  });

  it('have the options of every extension on its page', () => {
    for (const { page, options } of folders) {
      if (page === undefined) continue;
      const markdown = readFileSync(join(root, 'docs', page), 'utf8');
      for (const { file, name } of options) {
        const marker = `<!-- made from: members ${file} ${name} -->`;
        assert.ok(markdown.includes(marker), `docs/${page} has no ${marker}, with <!-- end --> after it`);
      }
    }
  });

  it('have the specification of every extension among those that are there', () => {
    const there = specificationRows().map(([specification = '', , where = '']) => `${specification} ${where}`);
    const page = readFileSync(join(root, 'docs/specifications.md'), 'utf8');
    const notThere = page.slice(page.indexOf('## Not there')).match(/^\| .*? \| /gm) ?? [];
    for (const { name, spec, page: own } of folders) {
      const [rfc = ''] = /^RFC \d+/.exec(spec) ?? [];
      if (rfc === '') continue;
      const line = there.find((each) => each.includes(`[${rfc}]`));
      assert.ok(line, `${rfc} of lib/extension/${name} is not in docs/specifications.md`);
      if (own && !line.includes('the core')) assert.ok(line.includes(`(${own})`), `${rfc} has no link to ${own}`);
      assert.ok(
        !notThere.some((each) => each.includes(`[${rfc}](`) && !/ §/.test(each)),
        `${rfc} is said to be not there`,
      );
    }
  });

  it('would be seen if they were old', () => {
    const old = '<!-- made from: members lib/extension/pkce/server.ts PKCEOptions -->\nold\n<!-- end -->\n';
    assert.match(withTables(old), /^<!--.*-->\n\n\| option .*\n[\s\S]*`allowPlain`[\s\S]*\n\n<!-- end -->\n$/);
    assert.throws(() => withTables(old.replace('PKCEOptions', 'Nothing')), /no interface Nothing/);
  });

  it('have what a doc comment says, with its default apart', () => {
    const members = [
      { name: 'a', isOptional: true, doc: 'What it is. Default: `x`. More | of it.' },
      { name: 'b', isOptional: false, doc: 'Another.' },
    ];
    assert.equal(
      membersTable(members),
      '| option | default | |\n| --- | --- | --- |\n| `a` | `x` | What it is. More \\| of it. |\n| `b` | required | Another. |',
    );
  });
});
