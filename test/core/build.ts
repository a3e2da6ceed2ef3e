/** Compiles lib/ and the core of the tests to JavaScript below test/output/core, with a configuration for mocha: any Node runs them, without a compiler. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, tsc } from '../run.js';
import { coreFiles } from './files.js';

const place = join(root, 'test', 'output', 'core');
const files = coreFiles();

const compilerOptions = {
  ...{ noEmit: false, rootDir: root, outDir: place, sourceMap: true },
  noCheck: true, // `npm run types` has checked them
};
const include = ['lib', ...files].map((path) => join(root, path));

/** So that `koauthorize` is what was compiled here. */
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const exported = JSON.parse(JSON.stringify(manifest.exports).replaceAll('./dist/', './lib/'));

rmSync(place, { recursive: true, force: true });
await mkdir(place, { recursive: true });
const write = (name: string, value: unknown): Promise<void> => writeFile(join(place, name), JSON.stringify(value));
await write('tsconfig.json', { extends: join(root, 'tsconfig.json'), compilerOptions, include, exclude: [] });
await write('package.json', { name: manifest.name, version: manifest.version, type: 'module', exports: exported });
await write('.mocharc.json', {
  import: './test/prepare.mjs',
  timeout: 30_000,
  spec: files.map((file) => `test/output/core/${file.replace(/\.ts$/, '.js')}`),
});
const { ok, output } = await tsc(['-p', place]);
assert.ok(ok, output);
console.log(`${files.length} files of tests are compiled`);
