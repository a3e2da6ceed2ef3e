/** Parts of the repository as JavaScript, which any Node runs without a compiler. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, tsc } from './run.js';

/** So that `koauthorize` is what was compiled there. */
function manifestThere(): object {
  const { name, version, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return {
    name,
    version,
    type: 'module',
    exports: JSON.parse(JSON.stringify(exports).replaceAll('./dist/', './lib/')),
  };
}

/** Compiles lib/ and further files and folders into a folder of test/output, where they have the same paths as below the root. */
export async function compile(place: string, paths: readonly string[]): Promise<void> {
  const compilerOptions = {
    ...{ noEmit: false, rootDir: root, outDir: place, sourceMap: true },
    noCheck: true, // `npm run types` has checked them
  };
  const include = ['lib', ...paths].map((path) => join(root, path));
  rmSync(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  const write = (name: string, value: unknown): Promise<void> => writeFile(join(place, name), JSON.stringify(value));
  await write('tsconfig.json', { extends: join(root, 'tsconfig.json'), compilerOptions, include, exclude: [] });
  await write('package.json', manifestThere());
  const { ok, output } = await tsc(['-p', place]);
  assert.ok(ok, output);
}

let compiling: Promise<string> | undefined;

async function compilePrograms(): Promise<string> {
  const place = join(root, 'test', 'output', `programs-${process.pid}`);
  process.once('exit', () => rmSync(place, { recursive: true, force: true }));
  await compile(place, ['examples/full', 'test/support/dpop-worker.ts']);
  const others = { recursive: true, filter: (path: string) => !path.endsWith('.ts') };
  await cp(join(root, 'examples', 'full'), join(place, 'examples', 'full'), others);
  return place;
}

/**
 * The file of a program that tests start many times, compiled once for the tests of this process: with a compiler in it, each start takes 1.4 s of CPU more.
 *
 * @param path its source, below the root
 */
export async function compiledProgram(path: string): Promise<string> {
  compiling ??= compilePrograms();
  return join(await compiling, path.replace(/\.ts$/, '.js'));
}
