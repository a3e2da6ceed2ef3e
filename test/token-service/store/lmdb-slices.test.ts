import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { authorization, idOf, random } from '../../../lib/testing/store-contract/subject.js';
import { lmdbStore } from '../../../lib/token-service/store/lmdb.js';
import { closeTables, openTables } from '../../../lib/token-service/store/lmdb-environment.js';
import type { StoredRecord, TokenStore } from '../../../lib/token-service/store.js';

/** Anew for each suite: stores have clocks of their own, and the suites before this one take minutes. */
let NOW = Math.floor(Date.now() / 1000);
const MANY = 5000;
const AT_ONCE = 1500;

/** How many records the work reads in all, and how many at most without a turn of the event loop. */
async function countRuns(work: () => Promise<unknown>): Promise<{ total: number; longest: number }> {
  const { parse } = JSON;
  let [total, run, longest, goesOn] = [0, 0, 0, true];
  JSON.parse = (...args) => {
    total++;
    longest = Math.max(longest, ++run);
    return parse(...args);
  };
  const turns = (async () => {
    while (goesOn) {
      run = 0;
      await turn();
    }
  })();
  try {
    await work();
  } finally {
    JSON.parse = parse;
    goesOn = false;
  }
  await turns;
  return { total, longest };
}

async function all(records: AsyncIterable<StoredRecord>): Promise<readonly StoredRecord[]> {
  const found: StoredRecord[] = [];
  for await (const record of records) found.push(record);
  return found;
}

describe('lmdbStore with many records', function () {
  this.timeout(60_000); // other processes, large keys or much data: on a busy machine they take long
  before(() => {
    NOW = Math.floor(Date.now() / 1000);
  });
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-lmdb-'));
  const path = join(directory, 'tokens');
  let store: TokenStore;
  beforeEach(() => {
    store = lmdbStore({ path });
  });
  afterEach(() => store.close());
  after(() => rmSync(directory, { recursive: true, force: true }));

  async function family(count: number) {
    const made = authorization(NOW);
    const records = Array.from({ length: count }, () => made.record({ clientID: made.tag }));
    await store.put(records, NOW);
    return { ...made, records };
  }

  it('to list a user, reads nothing that was consumed, however often their tokens were replaced', async () => {
    const { subject, record } = authorization(NOW);
    let last = record();
    await store.put([last], NOW);
    for (let count = 0; count < 300; count++) {
      const next = record();
      assert.equal((await store.consume(last.id, { now: NOW, next: [next] }))?.first, true);
      last = next;
    }
    const { total } = await countRuns(async () => {
      assert.deepEqual(
        (await store.list(subject, NOW)).map(({ id }) => id),
        [last.id],
      );
    });
    assert.equal(total, 1);
  });

  it('lists those of one authorization in slices of a few hundred, for a user and for a client', async () => {
    const { subject, tag, records, record } = await family(MANY);
    const longest = record({ clientID: tag, expiresAt: NOW + 601 });
    await store.put([longest], NOW);
    const ofUser = await countRuns(async () => assert.deepEqual(await store.list(subject, NOW), [longest]));
    const ofClient = await countRuns(async () => {
      const found = await all(store.listByClient(tag, NOW));
      assert.deepEqual(new Set(found.map(({ id }) => id)), new Set([longest, ...records].map(({ id }) => id)));
      assert.equal(found.length, MANY + 1, 'none twice');
    });
    for (const { total, longest } of [ofUser, ofClient]) {
      assert.ok(total > MANY, `${total} were read`);
      assert.ok(longest <= AT_ONCE, `${longest} without a turn`);
    }
  });

  it('gives others their turn while a client with a large family is iterated by somebody who waits for nothing', async () => {
    const { tag } = await family(MANY);
    let [seen, run, longest, goesOn] = [0, 0, 0, true];
    const turns = (async () => {
      while (goesOn) {
        run = 0;
        await turn();
      }
    })();
    for await (const _ of store.listByClient(tag, NOW)) {
      seen++;
      longest = Math.max(longest, ++run);
    }
    goesOn = false;
    await turns;
    assert.equal(seen, MANY);
    assert.ok(longest <= AT_ONCE, `${longest} without a turn`);
  });

  it('revokes in slices of a few hundred, and from the first on nothing of it is seen', async () => {
    const { subject, tag, records, record, authorizationID } = await family(MANY);
    const tables = await openTables(path);
    const range = () => ({ start: `${tag}.`, end: `${tag}/` });
    const [last] = records
      .map(({ id }) => id)
      .sort()
      .reverse();
    let partly = 0;
    let revoking = true;
    const runs = await countRuns(async () => {
      const revoked = store.revoke(authorizationID, NOW + 600, NOW).finally(() => {
        revoking = false;
      });
      while (revoking) {
        await turn();
        const left = tables.records.getKeysCount(range());
        if (left === MANY || left === 0) continue;
        partly++;
        assert.equal(await store.get(last ?? '', NOW), undefined);
        assert.deepEqual(await store.list(subject, NOW), []);
        assert.deepEqual(await all(store.listByClient(tag, NOW)), []);
        if (partly > 1) continue;
        assert.equal(await store.consume(last ?? '', { now: NOW, next: [record()] }), undefined);
        assert.equal(await store.put([record()], NOW), false);
      }
      await revoked;
    });
    assert.ok(partly > 0, 'it was seen half done');
    assert.ok(runs.total >= MANY && runs.longest <= AT_ONCE, `${runs.longest} of ${runs.total} without a turn`);
    tables.root.resetReadTxn();
    assert.equal(tables.records.getKeysCount(range()), 0);
    await closeTables(path);
  });

  it('leaves an authorization in the list while its token is refreshed, though it reads many slices', async () => {
    const { subject, tag, records, record, authorizationID } = await family(3000);
    await Promise.all(records.map(({ id }) => store.consume(id, { now: NOW })));
    let token = record({ clientID: tag });
    await store.put([token], NOW);
    let goesOn = true;
    const refreshing = (async () => {
      while (goesOn) {
        const next = record({ clientID: tag });
        await store.consume(token.id, { now: NOW, next: [next], keepUntil: NOW });
        token = next;
      }
    })();
    try {
      for (let i = 0; i < 30; i++) {
        const listed = await store.list(subject, NOW);
        assert.deepEqual(
          listed.map((each) => each.authorizationID),
          [authorizationID],
        );
      }
    } finally {
      goesOn = false;
      await refreshing;
    }
  });

  it("never shows of a client's records one whose authorization was revoked since they were read", async () => {
    const { tag, authorizationID } = await family(700);
    let seen = 0;
    for await (const _ of store.listByClient(tag, NOW)) {
      seen++;
      await store.revoke(authorizationID, NOW + 600, NOW);
    }
    assert.equal(seen, 1);
  });

  it("never leaves a client's authorization out, whose token is refreshed between two slices", async () => {
    const clientID = 'a client with many';
    // of each tag, in this order: a successor to come, two records of another authorization, and the token
    const tags = Array.from({ length: 700 }, () => {
      const { tag, record } = authorization(NOW);
      const ids = Array.from({ length: 4 }, () => idOf(tag, random())).sort();
      const [next, a, b, token] = ids.map((id) => record({ id, clientID }));
      assert.ok(next && a && b && token);
      const authorizationID = idOf(tag, random());
      return { next, others: [a, b].map((each) => ({ ...each, authorizationID })), token };
    });
    await Promise.all(tags.flatMap(({ others, token }) => [store.put(others, NOW), store.put([token], NOW)]));
    const ofOther = new Map(tags.map((each) => [each.others[0]?.authorizationID, each]));
    const found = new Set<string>();
    for await (const { authorizationID } of store.listByClient(clientID, NOW)) {
      const refreshed = found.has(authorizationID) ? undefined : ofOther.get(authorizationID);
      if (refreshed) await store.consume(refreshed.token.id, { now: NOW, next: [refreshed.next], keepUntil: NOW });
      found.add(authorizationID);
    }
    assert.equal(found.size, 2 * tags.length);
  });

  it('uses the room again of what was removed', async () => {
    const sizes: number[] = [];
    for (let i = 0; i < 8; i++) {
      const { authorizationID } = await family(1000);
      await store.revoke(authorizationID, NOW + 600, NOW);
      sizes.push(statSync(join(path, 'data.mdb')).size);
    }
    const [, , early = 0, ...later] = sizes;
    assert.ok(Math.max(...later) < 1.5 * early, `${sizes}`);
  });

  it('ends a walk before it closes', async () => {
    const { subject } = await family(MANY);
    const walk = store.list(subject, NOW);
    await turn();
    await store.close();
    assert.equal((await walk).length, 1);
    await assert.rejects(all(store.listByClient('a client', NOW)), { name: 'StoreUnavailableError' });
  });
});
