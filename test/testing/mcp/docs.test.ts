/** docs/mcp-check.md has what the exam has. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from '../../../lib/testing/mcp/checks.js';
import { root } from '../../run.js';
import { requirements } from './requirements/requirements.js';

describe('docs/mcp-check.md', () => {
  const page = readFileSync(join(root, 'docs/mcp-check.md'), 'utf8');

  it('has each check, with its level, its rule and its source', () => {
    const rows = page.match(/^\| `[a-z-]+` \| (?:MUST|SHOULD) \| .*$/gm) ?? [];
    const expected = checks.map(
      ({ name, level, side, rule, source }) => `| \`${name}\` | ${level} | ${side} | ${rule} | ${source} |`,
    );
    assert.deepEqual(rows, expected);
  });

  it('has what is not seen, and how many requirements there are', () => {
    for (const { section, text, unseen, binds } of requirements)
      if (unseen !== undefined && binds !== 'client')
        assert.ok(page.includes(`| ${section} | ${text} | ${unseen} |`), text);
    const ofClients = requirements.filter(({ binds }) => binds === 'client').length;
    assert.ok(page.includes(`have ${requirements.length} sentences with MUST. ${ofClients} of them bind clients`));
  });
});
