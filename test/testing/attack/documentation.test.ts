import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attacks } from '../../../lib/testing/attack/attacks.js';
import { root } from '../../run.js';

const page = readFileSync(join(root, 'docs', 'testing.md'), 'utf8');

describe('the attacks', () => {
  it('stand in docs/testing.md, in their order, each with its title and clause', () => {
    const rows = page
      .split('\n')
      .filter((line) => /^\| `[a-z-]+` \| .* \| (RFC|JARM|ID-JAG|OpenID Connect) /.test(line));
    assert.deepEqual(
      rows,
      attacks.map(({ name, title, clause }) => `| \`${name}\` | ${title} | ${clause} |`),
    );
  });

  it('have names of their own, in kebab-case, and clauses of a specification', () => {
    const names = attacks.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const { name, clause } of attacks) {
      assert.match(name, /^[a-z]+(-[a-z]+)*$/);
      assert.match(clause, /^(RFC \d{4}|JARM|ID-JAG|OpenID Connect [A-Za-z -]+) §\d/);
    }
  });
});
