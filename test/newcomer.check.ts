/** The tutorials, typed as a newcomer types them: in an empty folder, with the packed tarball, and only the commands of the page. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blocksBelow, type Typist, typist } from './newcomer/typist.js';
import { filesOf } from './readme/blocks.js';
import { pages } from './readme/pages.js';
import { root, run } from './run.js';
import { freePort } from './support/free-port.js';
import { packedTarball } from './support/tarball.js';

const TUTORIALS = [
  { path: 'README.md', heading: 'A server in a quarter of an hour' },
  { path: 'docs/javascript.md', heading: 'The tutorial' },
] as const;

/** What a browser does with the URL that the client prints: shows the dialog, allows, and comes back to a page of the client. */
async function allowIn(url: string): Promise<string> {
  const dialog = await fetch(url);
  const [, transactionID = ''] = /name="transaction_id" value="([^"]+)"/.exec(await dialog.text()) ?? [];
  const cookie = dialog.headers.getSetCookie().map((each) => each.split(';', 1)[0]);
  const decided = await fetch(new URL('/authorize/decision', url), {
    method: 'POST',
    headers: { cookie: cookie.join('; ') },
    body: new URLSearchParams({ transaction_id: transactionID }),
    redirect: 'manual',
  });
  return (await fetch(decided.headers.get('location') ?? '')).text();
}

describe('a newcomer', function () {
  this.timeout(600_000);
  let tarball: string;
  before(async () => {
    tarball = await packedTarball();
  });

  for (const { path, heading } of TUTORIALS)
    describe(`types ${path}`, () => {
      let home: string;
      let reader: Typist;
      before(async () => {
        home = mkdtempSync(join(tmpdir(), 'koauthorize-newcomer-'));
        const replacements = [
          [/\bkoauthorize(?= koa )/g, `${tarball} --no-audit --no-fund --prefer-offline`],
          ['3000', `${await freePort()}`],
          ['4000', `${await freePort()}`],
        ] as const;
        reader = typist(blocksBelow(readFileSync(join(root, path), 'utf8'), heading), home, replacements);
      });
      after(async () => {
        await reader.stop();
        rmSync(home, { recursive: true, force: true });
      });

      it('and has a server, a client, and an answer of the API', async () => {
        assert.match(await reader.typeUntilServer(), / is ready$/m);
        const [, url = ''] = /^Open (\S+)$/m.exec(await reader.typeUntilServer()) ?? [];
        const exchange = (await allowIn(url)).trim();
        assert.match(exchange, /^curl /);
        const tokens = JSON.parse(await reader.command(exchange));
        const [call = '', ...more] = reader.rest();
        assert.deepEqual(more, [], 'and nothing is left to type');
        const me = await reader.command(call.replace('...', tokens.access_token));
        assert.equal(me.trim(), '{"user":"alice","client":"demo","scope":["read"]}');
        const again = JSON.parse(await reader.command(exchange));
        assert.equal(again.error, 'invalid_grant');
        const over = await reader.command(call.replace('...', tokens.access_token));
        assert.equal(JSON.parse(over).error, 'invalid_token');
      });
    });

  it('loads the package by require(), and under Jest as docs/javascript.md says', async () => {
    const home = mkdtempSync(join(tmpdir(), 'koauthorize-newcomer-'));
    const common = filesOf(pages().find(({ path }) => path === 'docs/javascript.md')?.blocks ?? []).get('common.cjs');
    assert.ok(common !== undefined);
    const write = (name: string, text: string): void => writeFileSync(join(home, name), text);
    write('package.json', '{ "private": true, "type": "module", "jest": { "transform": {} } }\n');
    write('common.cjs', common);
    write('required.test.cjs', "test('x', () => expect(require('./common.cjs').server).toBeDefined());");
    write(
      'dynamic.test.cjs',
      "test('x', async () => expect((await import('koauthorize')).createServer).toBeDefined());",
    );
    write('module.test.js', "import { pkce } from 'koauthorize';\ntest('x', () => expect(pkce).toBeDefined());");
    const installed = await run('npm', ['install', '--no-audit', '--no-fund', tarball, 'koa@3', 'jest@30'], home);
    assert.ok(installed.ok, installed.output);
    assert.ok((await run('node', ['common.cjs'], home)).ok);
    const jest = (test: string) =>
      run('node', ['--experimental-vm-modules', 'node_modules/.bin/jest', '--testMatch', `**/${test}`], home);
    for (const test of ['module.test.js', 'dynamic.test.cjs']) {
      const { ok, output } = await jest(test);
      assert.ok(ok, output);
    }
    const [major = 0] = process.versions.node.split('.').map(Number);
    assert.equal((await jest('required.test.cjs')).ok, major >= 24, 'require() of an ES module in Jest');
    rmSync(home, { recursive: true, force: true });
  });
});
