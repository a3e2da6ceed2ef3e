/** The package as it would be published, packed once for all checks. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../run.js';

let packing: Promise<string> | undefined;

async function pack(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-tarball-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const packed = await run('npm', ['pack', '--pack-destination', directory]);
  assert.ok(packed.ok, packed.output);
  const tarball = readdirSync(directory).find((name) => name.endsWith('.tgz'));
  assert.ok(tarball, packed.output);
  return join(directory, tarball);
}

/** The path of the tarball; it is there until the process ends. */
export function packedTarball(): Promise<string> {
  packing ??= pack();
  return packing;
}
