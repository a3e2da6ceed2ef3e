/** What `storeContract({ processes })` finds, in a file of its own: it starts processes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeContract } from 'koauthorize/testing';
import { lmdbStore } from 'koauthorize/tokens';

const AT_ONCE =
  'tells exactly one of 3 processes that it was first, or that it put an ID, and gives none of them what one has ended';
const AFTERWARDS = 'lets a process end once it is closed, and has what that stored';

describe('the contract of stores in several processes finds a store that', function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-wrong-'));
  const path = join(directory, 'tokens');
  after(() => rmSync(directory, { recursive: true, force: true }));

  for (const [what, worker, check, said] of [
    ['decides in its process whether an ID is taken', 'mutex', AT_ONCE, /one process is told that it stored the ID/],
    ['remembers what it read', 'remembering', AT_ONCE, /what was ended is read by no process/],
    ['keeps what it was given in its process', 'lazy', AFTERWARDS, /Expected values/],
  ] as const)
    it(what, async () => {
      const checks = new Map<string, () => Promise<void>>();
      const module = new URL(`./workers/${worker}.ts`, import.meta.url);
      storeContract(
        { describe: (_, body) => body(), it: (name, body) => void checks.set(name, body) },
        { open: () => lmdbStore({ path }), processes: { module, env: { LMDB_PATH: path } } },
      );
      await assert.rejects(checks.get(check) ?? assert.fail, { name: 'AssertionError', message: said });
    });
});
