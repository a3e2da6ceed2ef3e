/** What the full example asks of a storage, on each of the three: one suite, two storages of the same data as two processes have. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { passwordGuard, TooManyAttemptsError } from '../../examples/full/rate-limits.js';
import type { Storage } from '../../examples/full/storage/index.js';
import { lmdb } from '../../examples/full/storage/lmdb.js';
import { postgres } from '../../examples/full/storage/postgres.js';
import { redis } from '../../examples/full/storage/redis.js';
import { startFull } from '../support/full.js';
import { skipStore } from '../support/missing-server.js';
import { startPostgres } from '../support/postgres.js';
import { startRedis } from '../support/redis.js';

interface Place {
  /** @param most documents */
  open(most?: number): Promise<Storage>;
  /** Ends the server. */
  kill?: (() => Promise<void>) | undefined;
  remove(): Promise<void>;
}

const NAME = `test_${randomBytes(6).toString('hex')}`;
const complain = (): void => {};

async function inDirectory(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'koauthorize-full-storage-'));
  let opened: Storage | undefined;
  return {
    open: async (most) => (opened = await lmdb(directory, most)),
    kill: async () => opened?.close(),
    remove: () => rm(directory, { recursive: true, maxRetries: 5 }),
  };
}

async function inPostgres(): Promise<Place | undefined> {
  const server = await startPostgres();
  const kill = process.env['DATABASE_URL'] ? undefined : server?.kill;
  return server && { open: (most) => postgres(server.url, NAME, complain, most), kill, remove: server.remove };
}

async function inRedis(): Promise<Place | undefined> {
  const server = await startRedis();
  const kill = process.env['REDIS_URL'] ? undefined : server?.remove;
  return server && { open: (most) => redis(server.urls[0] ?? '', NAME, complain, most), kill, remove: server.remove };
}

for (const [what, place, ofOneProcess] of [
  ['lmdb', inDirectory, true],
  ['PostgreSQL', inPostgres, false],
  ['Redis', inRedis, false],
] as const) {
  describe(`the full example's storage on ${what}`, function () {
    this.timeout(30_000);
    let found: Place | undefined;
    let one: Storage;
    let two: Storage;
    before(async function () {
      found = await place();
      if (!found) skipStore(this, `the full example's storage on ${what}`);
      const { open } = found;
      // two environments of one lmdb cannot be in one process: full-processes.test.ts has two
      // elsewhere eight processes find an empty database at the same moment, and all make what they need in it
      const opened = await Promise.all(Array.from({ length: ofOneProcess ? 1 : 8 }, () => open()));
      one = opened[0] ?? assert.fail();
      two = opened[1] ?? one;
      await Promise.all(opened.slice(2).map((each) => each.close()));
    });
    after(async () => {
      await one?.close();
      if (two !== one) await two?.close();
      await found?.remove();
    });

    const VALUES = [null, false, 0, '', 'NUL \0 “ü” \u2028 {', [], { a: { b: [1, null] } }];

    it('documents are what they were, until their end', async () => {
      for (const value of VALUES) {
        await one.documents.set('a', value, 60);
        assert.deepEqual(await two.documents.get('a'), value);
      }
      await one.documents.set('a', 1, 0.05);
      await one.documents.set('b', 1, 60);
      await sleep(60);
      assert.equal(await two.documents.get('a'), undefined);
      assert.equal(await two.documents.remove('a'), false);
      assert.equal(await two.documents.get('b'), 1);
    });

    it('a document is replaced where it is, with the same end, and never comes back', async () => {
      await one.documents.set('a', 1, 60);
      await two.documents.replace('a', 2);
      assert.equal(await one.documents.get('a'), 2);
      await one.documents.set('b', 1, 0.05);
      await two.documents.replace('b', 2);
      await sleep(60);
      assert.equal(await one.documents.get('b'), undefined);
      await one.documents.replace('nowhere', 1);
      assert.equal(await one.documents.get('nowhere'), undefined);
    });

    it('of 50 who add a document one did, and again when it is over', async () => {
      const all = Array.from({ length: 50 }, (_, i) => (i % 2 ? one : two).documents.add('added', i, 4));
      assert.equal((await Promise.all(all)).filter(Boolean).length, 1);
      assert.equal(await one.documents.get('added'), await two.documents.get('added'));
      await sleep(4100);
      assert.equal(await two.documents.get('added'), undefined);
      assert.equal(await two.documents.add('added', 'again', 60), true);
      assert.equal(await one.documents.get('added'), 'again');
    });

    it('of 50 who remove a document one did', async () => {
      await one.documents.set('once', 1, 60);
      const all = Array.from({ length: 50 }, (_, i) => (i % 2 ? one : two).documents.remove('once'));
      assert.equal((await Promise.all(all)).filter(Boolean).length, 1);
      assert.equal(await one.documents.get('once'), undefined);
    });

    it('of 50 who add to a collection one did, and all read the same', async () => {
      const all = Array.from({ length: 50 }, (_, i) => (i % 2 ? one : two).collections.add('keys', 'one', i));
      assert.equal((await Promise.all(all)).filter(Boolean).length, 1);
      assert.equal(await one.collections.get('keys', 'one'), await two.collections.get('keys', 'one'));
    });

    it('of 50 who change what they read one does, and the others are told', async () => {
      const value = { 'ü "': [1, null, 0.1], b: {} };
      await one.collections.put('c', 'changed', value);
      const read = await two.collections.get('c', 'changed');
      const all = Array.from({ length: 50 }, (_, i) => (i % 2 ? one : two).collections.change('c', 'changed', read, i));
      assert.equal((await Promise.all(all)).filter(Boolean).length, 1);
      assert.equal(await one.collections.change('c', 'changed', read, 'late'), false);
      assert.equal(await one.collections.change('c', 'nowhere', read, 'nothing'), false);
      await one.collections.remove('c', 'changed');
    });

    it('a collection is its own, and nobody else’s', async () => {
      const names = ['c', 'c1', 'c 1', 'c\u0001', 'd', ''];
      for (const name of names) await one.collections.put(name, 'x', name);
      await one.collections.put('c', 'y:z/ü', VALUES);
      assert.deepEqual([...(await two.collections.list('c'))].toSorted(), [
        ['x', 'c'],
        ['y:z/ü', VALUES],
      ]);
      for (const name of names) assert.equal(await two.collections.get(name, 'x'), name);
      assert.deepEqual([await two.collections.remove('c', 'x'), await one.collections.remove('c', 'x')], [true, false]);
      assert.deepEqual([...(await one.collections.list('c')).keys()], ['y:z/ü']);
      assert.equal((await one.collections.list('nothing')).size, 0);
    });

    it('guesses are counted together', async () => {
      const [here, there] = [passwordGuard(one, 'a secret'), ofOneProcess ? undefined : passwordGuard(two, 'a secret')];
      const attempt = { who: 'x'.repeat(5000), address: '192.0.2.1' };
      for (let i = 0; i < 10; i += 1) await (i % 2 ? (there ?? here) : here)(attempt, async () => undefined);
      await assert.rejects(
        (there ?? here)(attempt, async () => 'right'),
        TooManyAttemptsError,
      );
      assert.equal(await here({ ...attempt, address: '192.0.2.2' }, async () => 'right'), 'right');
    });

    it('the number of documents stays near the bound: those that expire first are removed', async () => {
      assert.ok(found);
      if (ofOneProcess) await one.close();
      const small = await found.open(10);
      if (ofOneProcess) one = two = small;
      await small.documents.set('a session', 1, 43_200);
      for (let i = 0; i < 40; i += 1) await small.documents.set(`dialog ${i}`, i, 600 + i);
      await small.purge();
      const left = [];
      for (let i = 0; i < 40; i += 1) if ((await small.documents.get(`dialog ${i}`)) !== undefined) left.push(i);
      assert.deepEqual(left, [31, 32, 33, 34, 35, 36, 37, 38, 39]);
      assert.equal(await small.documents.get('a session'), 1);
      if (!ofOneProcess) await small.close();
    });

    it('is asked by /health: ok while it is there, 503 when it is not', async function () {
      if (!found?.kill) return this.skip(); // somebody else's server
      const full = await startFull({ storage: one });
      const health = async () => (await fetch(`${full.url}/health`)).status;
      assert.equal(await health(), 200);
      await found.kill();
      assert.equal(await health(), 503);
      await full.stop();
    });
  });
}
