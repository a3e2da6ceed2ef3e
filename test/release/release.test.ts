/** `npm run release:check`: what stops a release. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { node, root } from '../run.js';
import { type Release, refusalsOf } from './refusals.js';

const page = 'https://forge.example/someone/koauthorize';
const manifest = {
  version: '1.2.3',
  repository: { type: 'git', url: `git+${page}.git` },
  homepage: `${page}#readme`,
  bugs: { url: `${page}/issues` },
};
const ready: Release = {
  manifest,
  locked: '1.2.3',
  changelog: '# Changelog\n\n## [1.2.3] - 2027-01-31\n\n## [1.2.2] - 2027-01-01\n',
  status: '',
  stale: [],
};
const withManifest = (change: Partial<Release['manifest']>): Release => ({
  ...ready,
  manifest: { ...manifest, ...change },
});
const placeholder = 'https://forge.invalid/OWNER/koauthorize';
const { homepage: _homepage, ...withoutHomepage } = manifest;

describe('the release check', () => {
  it('has nothing against a tree that is ready', () => {
    assert.deepEqual(refusalsOf(ready), []);
  });

  for (const [what, release, said] of [
    [
      'repository is the placeholder',
      withManifest({ repository: { type: 'git', url: `git+${placeholder}.git` } }),
      /repository\.url is still/,
    ],
    ['homepage is the placeholder', withManifest({ homepage: placeholder }), /homepage is still/],
    ['bugs is the placeholder', withManifest({ bugs: { url: placeholder } }), /bugs\.url is still/],
    ['homepage is missing', { ...ready, manifest: withoutHomepage }, /homepage is no https address/],
    ['bugs is no address', withManifest({ bugs: { url: 'mailto:someone@forge.example' } }), /bugs\.url is no https/],
    ['homepage is of another repository', withManifest({ homepage: 'https://other.example/x' }), /is not below/],
    ['the lock has another version', { ...ready, locked: '1.2.2' }, /package-lock\.json has the version 1\.2\.2/],
    [
      'the version is not in the changelog',
      { ...ready, changelog: '## [1.2.2] - 2027-01-01' },
      /no line "## \[1\.2\.3\]/,
    ],
    [
      'the version has no date in the changelog',
      { ...ready, changelog: '## [1.2.3] - unreleased' },
      /no line "## \[1\.2\.3\]/,
    ],
    ['something is not committed', { ...ready, status: ' M lib/index.ts\n' }, /M lib\/index\.ts/],
    ['a page is stale', { ...ready, stale: ['docs/options.md'] }, /docs\/options\.md is stale/],
  ] as const)
    it(`refuses where ${what}`, () => {
      const refusals = refusalsOf(release);
      assert.equal(refusals.length, 1, refusals.join('\n'));
      assert.match(refusals[0] ?? '', said);
    });

  it('runs before npm publishes, and refuses this tree while its addresses are placeholders', async () => {
    const { scripts, repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.equal(scripts.prepublishOnly, 'npm run release:check');
    if (!repository.url.includes('.invalid')) return;
    const { ok, output } = await node(['--import', './test/register.mjs', 'test/release/check.ts']);
    assert.ok(!ok);
    assert.match(output, /^not published: package\.json: repository\.url is still the placeholder/m);
  });
});
