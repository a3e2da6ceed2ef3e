import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeContract } from '../../../lib/testing/store-contract.js';
import { lmdbStore } from '../../../lib/token-service/store/lmdb.js';
import { closeTables, openTables } from '../../../lib/token-service/store/lmdb-tables.js';

describe('lmdbStore', () => {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-lmdb-'));
  const path = join(directory, 'tokens');
  after(() => rmSync(directory, { recursive: true, force: true }));

  const store = () => lmdbStore({ path, purgeInterval: 0.1 });

  async function dump(): Promise<string> {
    const { records, expiries, subjects, revoked } = await openTables(path);
    const entries = [records, expiries, subjects, revoked].map((table) => [...table.getRange()]);
    await closeTables(path);
    return JSON.stringify(entries);
  }

  storeContract(
    { describe, it },
    {
      open: store,
      second: store,
      dump,
      processes: { module: new URL('./workers/lmdb.ts', import.meta.url), env: { LMDB_PATH: path } },
    },
  );

  it('exists', () => assert.ok(store));
});
