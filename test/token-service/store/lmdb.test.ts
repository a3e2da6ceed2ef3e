import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { authorization } from '../../../lib/testing/store-contract/subject.js';
import { storeContract } from '../../../lib/testing/store-contract.js';
import { lmdbStore } from '../../../lib/token-service/store/lmdb.js';
import { closeTables, openTables } from '../../../lib/token-service/store/lmdb-environment.js';
import { StoreUnavailableError, type TokenRecord } from '../../../lib/token-service/store.js';

/** Anew for each suite: stores have clocks of their own, and the suites before this one take minutes. */
let NOW = Math.floor(Date.now() / 1000);

describe('lmdbStore', () => {
  before(() => {
    NOW = Math.floor(Date.now() / 1000);
  });
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

  for (const isThere of [true, false])
    it(`is a directory with a dot in its name ${isThere ? 'that is there' : 'which it makes'}`, async () => {
      const dotted = join(directory, `as.example-${isThere}`);
      if (isThere) mkdirSync(dotted);
      const opened = lmdbStore({ path: dotted });
      const record = authorization(NOW).record();
      assert.equal(await opened.put([record], NOW), true);
      await opened.close();
      assert.deepEqual(readdirSync(dotted).sort(), ['data.mdb', 'lock.mdb']);
      const again = lmdbStore({ path: dotted });
      assert.deepEqual(await again.get(record.id, NOW), record);
      await again.close();
    });

  it('is the file that version 0.1.0 made of a path with a dot', async () => {
    const file = join(directory, 'tokens.v1');
    const { open } = createRequire(import.meta.url)('lmdb');
    await open({ path: file }).close(); // the driver's own rule, which 0.1.0 left to it
    assert.ok(statSync(file).isFile());
    const opened = lmdbStore({ path: file });
    const record = authorization(NOW).record();
    assert.equal(await opened.put([record], NOW), true);
    assert.deepEqual(await opened.get(record.id, NOW), record);
    await opened.close();
    assert.ok(statSync(file).isFile());
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
    assert.equal(await opened.put([again], NOW + 10), false, 'by the clock of the store it lives');
    time = NOW + 10;
    assert.equal(await opened.put([again], NOW), true);
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
    const { status } = spawnSync(process.execPath, [...process.execArgv, module], { env, timeout: 25_000 });
    assert.deepEqual(await opened.get(record.id, NOW), record);
    assert.equal(status, 0);
    await opened.close();
  });

  it('removes late what expired, since its clock may be ahead, but at once what was consumed, with its seal', async () => {
    let time = NOW;
    const opened = lmdbStore({ path, purgeInterval: 0.05, clock: () => time });
    const { record, authorizationID } = authorization(NOW);
    const [expires, consumed, lives] = [{ expiresAt: NOW + 10 }, {}, {}].map(record);
    const used = authorization(NOW).record({ kind: 'jti', consumedAt: NOW, expiresAt: NOW + 10 });
    const revoked = authorization(NOW);
    assert.ok(expires && consumed && lives && used);
    await opened.put([expires, consumed, lives], NOW);
    await opened.put([used], NOW);
    await opened.revoke(revoked.authorizationID, NOW + 10, NOW);
    await opened.consume(consumed.id, { now: NOW, seal: 'the sealed answer', keepUntil: NOW + 20 });
    time = NOW + 20;
    while ((await dump()).includes(consumed.id)) await sleep(50);
    assert.ok(!(await dump()).includes('the sealed answer'));
    const late = [expires.id, used.id, revoked.authorizationID];
    let stored = await dump();
    for (const name of late) assert.ok(stored.includes(name), name);
    assert.deepEqual(await opened.get(expires.id, NOW + 9), expires, 'a machine whose clock is right still has it');
    assert.equal(await opened.put([used], NOW), false, 'nor is it replaced');
    time = NOW + 10 + 7200;
    while (late.some((name) => stored.includes(name))) {
      await sleep(50);
      stored = await dump();
    }
    assert.ok(stored.includes(authorizationID), 'what lives stays');
    await opened.close();
  });

  it('tells by its own clock when a record was consumed, whatever time its caller has', async () => {
    const opened = lmdbStore({ path, clock: () => NOW + 1.5 });
    const token = authorization(NOW).record();
    await opened.put([token], NOW);
    const first = await opened.consume(token.id, { now: NOW - 100 });
    assert.deepEqual([first?.now, first?.record.consumedAt], [NOW + 1.5, NOW + 1.5]);
    await opened.close();
  });

  it('does not do late what was given up on, when another process held the write lock', async function () {
    this.timeout(60_000);
    const opened = store();
    const { record } = authorization(NOW);
    const [token, next, late, patient] = [record(), record(), record(), record()];
    await opened.put([token], NOW);
    const release = join(directory, 'release');
    const module = new URL('./workers/lmdb-holder.ts', import.meta.url);
    const env = { ...process.env, LMDB_PATH: path, RELEASE: release };
    const holder = fork(module, { env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    assert.ok(holder.stdout);
    await once(holder.stdout, 'data');
    const calls = Promise.allSettled([
      opened.consume(token.id, { now: NOW, next: [next], within: 0.1 }),
      opened.put([late], NOW, 0.1),
      opened.put([patient], NOW, 60),
    ]);
    try {
      assert.deepEqual(await opened.get(token.id, NOW), token, 'who only reads does not wait');
      await sleep(150);
    } finally {
      writeFileSync(release, ''); // else every test after this one would wait for the lock
    }
    const outcomes = await calls;
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.name : outcome.value)),
      ['StoreUnavailableError', 'StoreUnavailableError', true],
    );
    assert.deepEqual(await opened.get(token.id, NOW), token);
    for (const { id } of [next, late]) assert.equal(await opened.get(id, NOW), undefined);
    assert.equal((await opened.consume(token.id, { now: NOW, within: 60 }))?.first, true);
    await opened.close();
  });

  it('reads what 0.1.0 wrote, and writes what 0.1.0 reads', async () => {
    const opened = store();
    const { records, expiries, subjects } = await openTables(path);
    const { record, subject } = authorization(NOW);
    const [live, spent, made] = [record(), record(), record({ kind: 'code' })];
    const digest = createHash('sha256').update(subject).digest('base64url').slice(0, 16);
    const members = ({ kind, authorizationID, clientID, expiresAt, data }: TokenRecord) =>
      [kind, authorizationID, clientID, subject, expiresAt, data] as const;
    const spentMembers = [...members(spent), NOW - 5, 'a seal'];
    for (const [{ id }, text] of [
      [live, members(live)],
      [spent, spentMembers],
    ] as const) {
      await records.put(id, JSON.stringify(text));
      await expiries.put([NOW + 600, id], '');
      await subjects.put([digest, id], '');
    }
    const consumed = { ...spent, consumedAt: NOW - 5, seal: 'a seal' };
    assert.deepEqual(await opened.get(live.id, NOW), live);
    assert.deepEqual((await opened.consume(spent.id, { now: NOW }))?.record, consumed);
    assert.deepEqual(await opened.list(subject, NOW), [live]);
    const outcome = await opened.consume(live.id, { now: NOW, seal: 'x', next: [made], keepUntil: NOW + 60 });
    assert.deepEqual(JSON.parse(records.get(made.id) ?? ''), members(made));
    assert.deepEqual(JSON.parse(records.get(live.id) ?? ''), [
      ...members({ ...live, expiresAt: NOW + 60 }),
      outcome?.now,
      'x',
    ]);
    const ends = [...expiries.getKeys({ start: [NOW + 60, live.id], end: [NOW + 600, `${made.id}~`] })];
    for (const end of [
      [NOW + 60, live.id],
      [NOW + 600, made.id],
    ]) {
      assert.ok(
        ends.some((each) => `${each}` === `${end}`),
        'what 0.1.0 purges by',
      );
    }
    assert.ok(subjects.doesExist([digest, made.id]));
    await closeTables(path);
    await opened.close();
  });

  it('purges many in batches, so that no transaction takes long', async () => {
    const opened = lmdbStore({ path, purgeInterval: 0.1, purgeDelay: 0, clock: () => NOW + 50 });
    const { record, tag } = authorization(NOW);
    await opened.put(
      Array.from({ length: 1300 }, () => record({ expiresAt: NOW + 10 })),
      NOW,
    );
    const { root, records } = await openTables(path);
    const transaction = root.childTransaction;
    const removed: number[] = [];
    root.childTransaction = <T>(work: () => T): Promise<T> =>
      transaction.call(root, () => {
        const before = records.getKeysCount();
        const done = work();
        removed.push(before - records.getKeysCount());
        return done;
      }) as Promise<T>;
    while ((await dump()).includes(tag)) await sleep(50);
    root.childTransaction = transaction;
    await closeTables(path);
    await opened.close();
    assert.ok(Math.max(...removed) <= 100, `one removed ${Math.max(...removed)}`);
  });
});
