/** The packed tarball, installed without a registry: what it and its users need is linked to what is installed here. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from '../run.js';
import { packedTarball } from '../support/tarball.js';

/** @param home an empty folder @returns its node_modules */
export async function installIn(home: string): Promise<string> {
  const modules = join(home, 'node_modules');
  const own = join(modules, 'koauthorize');
  mkdirSync(own, { recursive: true });
  const unpacked = await run('tar', ['-xzf', await packedTarball(), '-C', own, '--strip-components=1']);
  assert.ok(unpacked.ok, unpacked.output);
  const here = join(root, 'node_modules');
  for (const name of readdirSync(here)) if (name !== '.bin') symlinkSync(join(here, name), join(modules, name));
  mkdirSync(join(modules, '.bin'));
  for (const name of ['tsx', 'tsc']) symlinkSync(join(here, '.bin', name), join(modules, '.bin', name));
  const program = join(own, 'dist', 'command', 'main.js');
  chmodSync(program, 0o755); // as npm does
  symlinkSync(program, join(modules, '.bin', 'koauthorize'));
  return modules;
}
