/** `npm run release:check`: what stops a release. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { node, root, run } from '../run.js';
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

/** What the check reads, of the tree and as a program. */
const PARTS = [
  ...['bench', 'docs', 'examples', 'lib', 'test', 'package.json', 'package-lock.json', 'tsconfig.json'],
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
];
const isSource = (path: string): boolean => !/[/](?:node_modules|dist|output)$/.test(path);

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
    [
      'homepage is a name that no host can have',
      withManifest({ homepage: 'https://forge.invalid/x' }),
      /homepage is still/,
    ],
    ['homepage has no owner', withManifest({ homepage: 'https://forge.example/OWNER/x' }), /homepage is still/],
    ['bugs is no address', withManifest({ bugs: { url: 'mailto:someone@forge.example' } }), /bugs\.url is no https/],
    [
      'bugs is not protected by TLS',
      withManifest({ bugs: { url: 'http://forge.example/x' } }),
      /bugs\.url is no https/,
    ],
    ['bugs is a host alone', withManifest({ bugs: { url: 'https://forge.example' } }), /bugs\.url is no https/],
    ['bugs has words before the address', withManifest({ bugs: { url: `at ${page}` } }), /bugs\.url is no https/],
    ['bugs has words after the address', withManifest({ bugs: { url: `${page} or ask` } }), /bugs\.url is no https/],
    ['homepage is of another repository', withManifest({ homepage: 'https://other.example/x' }), /is not below/],
    ['bugs are of another repository', withManifest({ bugs: { url: 'https://other.example/x' } }), /is not below/],
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
    [
      'the date in the changelog is not all of it',
      { ...ready, changelog: '## [1.2.3] - 2027-01-31, perhaps' },
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

  it('looks at this tree: its versions, its changelog, its pages, and what git says of it', async function () {
    this.timeout(60_000);
    const tree = mkdtempSync(join(tmpdir(), 'koauthorize-release-'));
    try {
      for (const name of PARTS) cpSync(join(root, name), join(tree, name), { recursive: true, filter: isSource });
      symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
      await run('git', ['init', '--quiet', tree]);
      const change = (name: string, from: RegExp, to: string) =>
        writeFileSync(join(tree, name), readFileSync(join(tree, name), 'utf8').replace(from, to));
      change('package-lock.json', /"version": "[^"]+"/, '"version": "0.0.1"');
      change('CHANGELOG.md', /^## \[.*$/gm, '## Changes');
      change('docs/options.md', /(<!-- made from: [^>]+-->)/, '$1\nwritten by hand');
      const { ok, output } = await node(['--import', './test/register.mjs', 'test/release/check.ts'], tree);
      assert.ok(!ok);
      const said = [
        /package-lock\.json has the version 0\.0\.1/,
        /CHANGELOG\.md has no line/,
        /docs\/options\.md is stale/,
      ];
      for (const line of [...said, /git status: \?\? lib\/: what is published/]) assert.match(output, line);
    } finally {
      rmSync(tree, { recursive: true });
    }
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
