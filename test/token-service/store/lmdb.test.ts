import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { authorization } from '../../../lib/testing/store-contract/subject.js';
import { storeContract } from '../../../lib/testing/store-contract.js';
import { lmdbStore } from '../../../lib/token-service/store/lmdb.js';
import { closeTables, openTables } from '../../../lib/token-service/store/lmdb-environment.js';
import { StoreUnavailableError } from '../../../lib/token-service/store.js';

const NOW = Math.floor(Date.now() / 1000);

describe('lmdbStore', () => {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-lmdb-'));
  const path = join(directory, 'tokens');
  after(() => rmSync(directory, { recursive: true, force: true }));

  const store = () => lmdbStore({ path, purgeInterval: 0.1, purgeDelay: 0 });

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

  it('loses nothing it acknowledged when its processes are killed', async () => {
    const module = new URL('./workers/lmdb-writer.ts', import.meta.url);
    const writers = Array.from({ length: 2 }, () => fork(module, { env: { ...process.env, LMDB_PATH: path } }));
    const acknowledged: [id: string, consumed: boolean][] = [];
    try {
      await new Promise<void>((resolve) => {
        for (const writer of writers) {
          writer.on('message', (messages: [string, boolean][]) => {
            acknowledged.push(...messages);
            if (acknowledged.length > 2000) resolve();
          });
        }
      });
    } finally {
      const ends = writers.map((writer) => once(writer, 'exit'));
      for (const writer of writers) writer.kill('SIGKILL'); // in the middle of the next ones
      await Promise.all(ends);
    }
    const opened = store();
    for (const [id, consumed] of acknowledged) {
      const record = await opened.get(id, NOW);
      assert.ok(record, id);
      if (consumed) assert.equal(record.seal, 'sealed');
    }
    await opened.put([authorization(NOW).record()], NOW); // and goes on: no lock was left behind
    await opened.close();
  });

  it('is unavailable, with the cause, where it cannot be opened', async () => {
    const nowhere = lmdbStore({ path: '/dev/null/tokens' });
    for (const call of [nowhere.get('a.b', NOW), nowhere.consume('a.b', { now: NOW }), nowhere.revoke('a', NOW, NOW)]) {
      await assert.rejects(call, (error) => error instanceof StoreUnavailableError && error.cause instanceof Error);
    }
    await nowhere.close();
    const closed = store();
    await closed.close();
    await assert.rejects(closed.get('a.b', NOW), StoreUnavailableError);
  });

  it('opens again after it could not be opened', async () => {
    const blocked = join(directory, 'blocked');
    writeFileSync(blocked, '');
    const opened = lmdbStore({ path: join(blocked, 'tokens') });
    await assert.rejects(opened.get('a.b', NOW), StoreUnavailableError);
    rmSync(blocked);
    assert.equal(await opened.get('a.b', NOW), undefined);
    await opened.close();
  });

  it('takes an unreadable record for an absent one, and removes it in the end', async () => {
    let time = NOW;
    const opened = lmdbStore({ path, purgeInterval: 0.1, purgeDelay: 0, clock: () => time });
    const { records } = await openTables(path);
    const { record, subject, authorizationID } = authorization(NOW);
    const texts = ['', '{', '[]', 'null', '["code", 1, 2, 3, "soon"]', '["code","a","b",null,1e99,{},"then"]'];
    const broken = texts.map((text) => ({ text, ...record({ expiresAt: NOW + 50 }) }));
    const fine = record();
    await opened.put([...broken, fine], NOW);
    for (const { id, text } of broken) await records.put(id, text);
    for (const { id } of broken) {
      assert.equal(await opened.get(id, NOW), undefined);
      assert.equal(await opened.consume(id, { now: NOW }), undefined);
    }
    assert.deepEqual(await opened.list(subject, NOW), [fine]);
    time = NOW + 100;
    while (broken.some(({ id }) => records.doesExist(id))) await sleep(50);
    await records.put(broken[0]?.id ?? '', 'broken again');
    await opened.revoke(authorizationID, NOW + 600, NOW);
    assert.ok(!(await dump()).includes(fine.id));
    await closeTables(path);
    await opened.close();
  });

  it('takes a new record in the place of an expired one, and purges neither too early', async () => {
    let time = NOW;
    const opened = lmdbStore({ path, purgeInterval: 0.05, purgeDelay: 0, clock: () => time });
    const record = authorization(NOW).record({ expiresAt: NOW + 10 });
    const marker = authorization(NOW).record({ expiresAt: NOW + 40 });
    await opened.put([record], NOW);
    await opened.consume(record.id, { now: NOW });
    const again = { ...record, expiresAt: NOW + 100 };
    await opened.put([again], NOW + 10);
    await opened.put([marker], NOW);
    time = NOW + 50;
    while ((await dump()).includes(marker.id)) await sleep(50);
    assert.deepEqual(await opened.get(record.id, NOW + 10), again);
    assert.deepEqual(await opened.list(record.subject ?? '', NOW + 10), [again]);
    await opened.close();
  });

  it('does not take a successor for what it succeeded, where that could not be read', async () => {
    let time = NOW;
    const opened = lmdbStore({ path, purgeInterval: 0.05, purgeDelay: 0, clock: () => time });
    const record = authorization(NOW).record({ expiresAt: NOW + 10 });
    const marker = authorization(NOW).record({ expiresAt: NOW + 40 });
    const { records } = await openTables(path);
    await opened.put([record], NOW);
    await records.put(record.id, 'broken');
    await opened.put([{ ...record, expiresAt: NOW + 100 }], NOW);
    await opened.put([marker], NOW);
    time = NOW + 50;
    while ((await dump()).includes(marker.id)) await sleep(50);
    assert.ok(await opened.get(record.id, NOW));
    await closeTables(path);
    await opened.close();
  });

  it('sees at once what another process stored, which ends by itself, though it closes nothing', async () => {
    const opened = store();
    const record = authorization(NOW).record();
    assert.equal(await opened.get(record.id, NOW), undefined);
    const module = fileURLToPath(new URL('./workers/lmdb-put.ts', import.meta.url));
    const env = { ...process.env, LMDB_PATH: path, RECORD: JSON.stringify(record) };
    const { status } = spawnSync(process.execPath, [...process.execArgv, module], { env, timeout: 9000 });
    assert.deepEqual(await opened.get(record.id, NOW), record);
    assert.equal(status, 0);
    await opened.close();
  });

  it('purges many in batches', async () => {
    const opened = lmdbStore({ path, purgeInterval: 0.1, purgeDelay: 0, clock: () => NOW + 50 });
    const { record, tag } = authorization(NOW);
    await opened.put(
      Array.from({ length: 1300 }, () => record({ expiresAt: NOW + 10 })),
      NOW,
    );
    while ((await dump()).includes(tag)) await sleep(50);
    await opened.close();
  });
});
