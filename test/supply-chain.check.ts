import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { type PackFile, publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { allEntries } from './public-names.js';
import { root } from './run.js';
import { type LockedPackage, readLock, runtimeClosure } from './support/lock-file.js';
import { filesOf } from './support/tar.js';
import { packedTarball } from './support/tarball.js';

const lock = readLock(join(root, 'package-lock.json'));
const runtime = runtimeClosure(lock);

/** Licences that ask for no more than that they be named. */
const PERMISSIVE = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD']);

/** Licences that ask something of whoever passes a work on, or forbid some use of it. */
const RECIPROCAL = /GPL|MPL|EPL|CDDL|EUPL|OSL|CPAL|SSPL|BUSL|CC-BY-(?:SA|NC)|UNLICENSED|SEE LICENSE/i;

function named(entries: Iterable<[string, LockedPackage]>, isWrong: (entry: LockedPackage) => boolean): string[] {
  return [...entries].filter(([, entry]) => isWrong(entry)).map(([path]) => path.replace(/^.*node_modules\//, ''));
}

/** All that publint has to say, warnings and suggestions too. */
async function lint(files: PackFile[]): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: 'package', pack: { files }, strict: true });
  return messages.map((message) => `${message.code}: ${formatMessage(message, pkg, { color: false })}`);
}

describe('the supply chain', function () {
  this.timeout(300_000);
  let tarball: Buffer;
  let files: readonly PackFile[];

  before(async () => {
    tarball = readFileSync(await packedTarball());
    files = filesOf(tarball);
  });

  describe('of what is published', () => {
    it('publint finds nothing to say, not even a suggestion', async () => {
      assert.deepEqual(await lint([...files]), []);
    });

    it('publint does look: without the declarations of one entry it finds that', async () => {
      const missing = await lint(files.filter(({ name }) => name !== 'package/dist/client-auth/index.d.ts'));
      assert.equal(missing.length, 1, missing.join('\n'));
    });

    /*
     * An ES module only. `node16-cjs`: a CommonJS file gets the ES module, which Node loads with require() from 20.19 on, the oldest that
     * `engines` allows (package.check.ts does both, and compiles it). `node10`: the resolution of Node before 12.7 knows no `exports`.
     */
    it('its types are right for node16 and bundlers; CommonJS gets the ES module, Node 10 nothing', async () => {
      const entries = Object.keys(allEntries());
      const entrypoints = [...entries, './package.json']; // said, since a pattern names none
      const result = await checkPackage(createPackageFromTarballData(tarball), { entrypoints });
      assert.ok(result.types !== false, 'no types at all');
      assert.deepEqual(Object.keys(result.entrypoints), entrypoints);
      const found = result.problems.map((problem) => ({ ...problem }));
      const expected = entries.flatMap((entrypoint) => [
        { kind: 'NoResolution', entrypoint, resolutionKind: 'node10' },
        { kind: 'CJSResolvesToESM', entrypoint, resolutionKind: 'node16-cjs' },
      ]);
      assert.deepEqual(found, expected);
    });

    it('no carriage return, no path of the machine that made it, nothing but text', () => {
      const path =
        /(?:^|[\s"'`(=])(?:file:\/\/)?(?:\/(?:home|Users|root|tmp|work|workspace|builds|github)\/|[A-Za-z]:\\)/m;
      assert.ok(files.length > 100, `only ${files.length} files`);
      for (const { name, data } of files) {
        const text = new TextDecoder('utf-8', { fatal: true }).decode(data as Uint8Array);
        assert.ok(!text.includes('\r'), `${name} has a carriage return`);
        assert.ok(!text.includes('\0'), `${name} has a NUL`);
        assert.ok(!path.test(text), `${name} has ${path.exec(text)?.[0]}`);
      }
    });

    it('source maps name their sources beside the package, and bring their text along', () => {
      const maps = files.filter(({ name }) => name.endsWith('.js.map'));
      assert.ok(maps.length > 10, `only ${maps.length} maps`);
      let named = 0;
      for (const { name, data } of maps) {
        const { sources, sourceRoot, sourcesContent } = JSON.parse(new TextDecoder().decode(data as Uint8Array));
        assert.equal(sourceRoot ?? '', '', name);
        assert.equal(sourcesContent?.length, sources.length, name);
        assert.ok(sourcesContent.every(Boolean), name);
        for (const source of sources) assert.match(source, /^(?:\.\.\/)+lib\/[\w/-]+\.ts$/, name);
        named += sources.length;
      }
      assert.ok(named > 400, `only ${named} sources`);
    });

    it('is published for everyone, with its provenance', () => {
      const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
      assert.deepEqual(manifest.publishConfig, { access: 'public', provenance: true });
      assert.equal(manifest.private, undefined);
    });
  });

  describe('of what comes along', () => {
    it('is debug, jose, koa-compose and koa, with theirs', () => {
      const names = [...runtime.keys()].map((path) => path.replace(/^.*node_modules\//, ''));
      for (const name of ['debug', 'jose', 'koa-compose', 'koa', 'ms', 'cookies'])
        assert.ok(names.includes(name), `without ${name}: ${names}`);
      assert.ok(!names.includes('mocha') && !names.includes('lmdb'), `${names}`);
    });

    it('runs no script when it is installed', () => {
      assert.deepEqual(
        named(runtime, ({ hasInstallScript }) => hasInstallScript === true),
        [],
      );
      // The lock does know: lmdb, an optional peer, and esbuild of the development have one.
      assert.ok(named(lock, ({ hasInstallScript }) => hasInstallScript === true).includes('lmdb'));
    });

    it('has licences that ask for no more than that they be named', () => {
      assert.deepEqual(
        named(runtime, ({ license }) => !PERMISSIVE.has(license ?? '')),
        [],
      );
    });

    it('in development, one package has a reciprocal licence: axe-core, which is only run', () => {
      assert.deepEqual(
        named(lock, ({ license }) => RECIPROCAL.test(license ?? '')),
        ['axe-core'],
      );
    });
  });

  const locks = ['package-lock.json', 'bench/package-lock.json', 'test/api-reference/package-lock.json'];
  for (const path of locks) {
    it(`${path} names packages by checksum, never by the address they came from`, () => {
      const entries = [...readLock(join(root, path))].filter(
        ([name, { link }]) => name.includes('node_modules/') && !link,
      );
      assert.ok(entries.length > 20, `only ${entries.length} packages`);
      assert.deepEqual(
        named(entries, ({ resolved }) => resolved !== undefined),
        [],
      );
      assert.deepEqual(
        named(entries, ({ integrity }) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? '')),
        [],
      );
    });
  }
});
