import assert from 'node:assert/strict';
import { authorization } from '../../../lib/testing/store-contract/subject.js';
import { storeContract } from '../../../lib/testing/store-contract.js';
import { memoryStore } from '../../../lib/token-service/store/memory.js';
import { StoreUnavailableError } from '../../../lib/token-service/store.js';

const NOW = 1_800_000_000;

describe('memoryStore', () => {
  storeContract({ describe, it }, { open: () => memoryStore() });

  it('full of live records refuses more, with the time when there will be room, and loses nothing', async () => {
    const store = memoryStore({ max: 3 });
    const { record } = authorization(NOW);
    const [spent, live, short] = [record(), record(), record({ expiresAt: NOW + 30 })];
    await store.put([spent, live, short], NOW);
    await store.consume(spent.id, { now: NOW, seal: 'spent' });
    const refused = (error: unknown): boolean => error instanceof StoreUnavailableError && error.retryAfter === 20;
    const one = record();
    await assert.rejects(store.put([one], NOW + 10), refused);
    await assert.rejects(store.consume(live.id, { now: NOW + 10, next: [one] }), refused);
    assert.equal(await store.get(one.id, NOW), undefined);
    assert.equal((await store.consume(spent.id, { now: NOW + 10 }))?.first, false);
    assert.equal((await store.consume(live.id, { now: NOW + 10 }))?.first, true, 'what was refused consumed nothing');
  });

  it('gives the room of what expired to what comes', async () => {
    const store = memoryStore({ max: 100 });
    const lifetimes = Array.from({ length: 1000 }, (_, i) => 1 + ((i * 37) % 50)); // at most 50 live, of every age
    for (const [second, lifetime] of lifetimes.entries()) {
      const now = NOW + second;
      await store.put([authorization(now).record({ expiresAt: now + lifetime })], now);
    }
    const full = Array.from({ length: 100 }, () => authorization(NOW + 2000).record());
    for (const each of full) await store.put([each], NOW + 2000);
    await assert.rejects(store.put([authorization(NOW).record()], NOW + 2000), StoreUnavailableError);
    for (const each of full) assert.ok(await store.get(each.id, NOW + 2000));
  });

  it('gives the room of an expired record to another one, if a live record ends in the same second', async () => {
    const store = memoryStore({ max: 2 });
    const { record } = authorization(NOW);
    const [first, last] = [record({ expiresAt: NOW + 10.2 }), record({ expiresAt: NOW + 10.9 })];
    await store.put([first, last], NOW);
    await assert.rejects(store.put([record()], NOW + 10.1), StoreUnavailableError);
    assert.equal(await store.put([record()], NOW + 10.5), true);
    assert.deepEqual(await store.get(last.id, NOW + 10.5), last);
  });

  it('drops the revocation that ends first, to the fraction of a second', async () => {
    const store = memoryStore({ max: 2 });
    const [first, last, another] = [authorization(NOW), authorization(NOW), authorization(NOW)];
    await store.revoke(first.authorizationID, NOW + 10.2, NOW);
    await store.revoke(last.authorizationID, NOW + 10.9, NOW);
    await store.revoke(another.authorizationID, NOW + 20, NOW);
    assert.equal(await store.put([last.record()], NOW), false);
  });

  it('keeps what was put, whatever becomes of it: frozen outside is not frozen through and through', async () => {
    const store = memoryStore();
    const inner = { scope: ['read'] };
    const outer = Object.freeze({ inner });
    const record = { ...authorization(NOW).record(), data: outer };
    await store.put([record], NOW);
    inner.scope.push('write');
    assert.deepEqual((await store.get(record.id, NOW))?.data, { inner: { scope: ['read'] } });
  });

  it('counts removed and revoked records no more, and revocations apart', async () => {
    const store = memoryStore({ max: 2 });
    const { record, authorizationID } = authorization(NOW);
    const removed = record();
    await store.put([removed, record()], NOW);
    await store.remove(removed.id);
    await store.put([record()], NOW);
    await store.revoke(authorizationID, NOW + 60, NOW);
    await store.revoke(authorizationID, NOW + 30, NOW);
    const room = [authorization(NOW).record(), authorization(NOW).record()];
    for (const each of room) await store.put([each], NOW);
    await assert.rejects(store.put([authorization(NOW).record()], NOW + 59), StoreUnavailableError);
    await store.remove(room[0]?.id ?? '');
    assert.equal(await store.put([record()], NOW + 59), false, 'the earlier revocation ends later');
    assert.equal(await store.put([record()], NOW + 60), true);
  });

  it('accepts any number of revocations, and still stores tokens: the revocation that expires first is removed first', async () => {
    const store = memoryStore({ max: 100 });
    const revoked = Array.from({ length: 300 }, () => authorization(NOW));
    for (const [i, { record, authorizationID }] of revoked.entries()) {
      assert.equal(await store.put([record()], NOW), true, `token ${i}`);
      await store.revoke(authorizationID, NOW + 1000 + i, NOW);
    }
    const late = await Promise.all(revoked.slice(-10).map(({ record }) => store.put([record()], NOW)));
    assert.deepEqual(new Set(late), new Set([false]));
  });

  it('counts what is kept for a while apart: used assertions take no room from tokens', async () => {
    const store = memoryStore({ max: 10 });
    const used = () => authorization(NOW).record({ kind: 'ephemeral', consumedAt: NOW });
    for (let i = 0; i < 10; i++) await store.put([used()], NOW);
    await assert.rejects(store.put([used()], NOW), StoreUnavailableError);
    for (let i = 0; i < 10; i++) assert.equal(await store.put([authorization(NOW).record()], NOW), true);
    await assert.rejects(store.put([authorization(NOW).record()], NOW), StoreUnavailableError);
  });

  it('refuses what is nested without end, and stores nothing of it', async () => {
    const store = memoryStore();
    const { record } = authorization(NOW);
    const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    const [fine, token] = [record(), record()];
    await assert.rejects(store.put([fine, record({ data: deep })], NOW), TypeError);
    assert.equal(await store.get(fine.id, NOW), undefined);
    await store.put([token], NOW);
    await assert.rejects(store.consume(token.id, { now: NOW, next: [record({ data: deep })] }), TypeError);
    assert.deepEqual(await store.get(token.id, NOW), token);
    let frozen: readonly unknown[] = Object.freeze([]);
    for (let depth = 0; depth < 20_000; depth++) frozen = Object.freeze([frozen]);
    await assert.rejects(store.put([record({ data: frozen })], NOW), TypeError);
  });

  it('keeps what it gave back as it is, and does not copy it for each refresh', async () => {
    const store = memoryStore();
    const { record } = authorization(NOW);
    const grantedTo = async (id: string): Promise<unknown> => {
      const stored = await store.get(id, NOW);
      return (stored?.data as { granted?: unknown } | undefined)?.granted;
    };
    const first = record({ data: { granted: { scope: ['read'] } } });
    await store.put([first], NOW);
    const granted = await grantedTo(first.id);
    const second = record({ data: { granted, count: 2 } });
    await store.put([second], NOW);
    assert.ok(granted);
    assert.equal(await grantedTo(second.id), granted);
  });

  it('keeps nothing of a user whose authorizations have ended', async () => {
    const store = memoryStore();
    for (let i = 0; i < 1000; i++) {
      const { record, authorizationID } = authorization(NOW, 'alice');
      await store.put([record(), record()], NOW);
      await store.revoke(authorizationID, NOW + 600, NOW);
    }
    const { get } = Map.prototype;
    let looks = 0;
    Map.prototype.get = function (key) {
      looks += 1;
      return get.call(this, key);
    };
    const listing = store.list('alice', NOW); // reads everything at once
    Map.prototype.get = get;
    assert.deepEqual(await listing, []);
    assert.equal(looks, 1);
  });

  it('drops the expired little by little, as it is used', async () => {
    const store = memoryStore();
    const old = Array.from({ length: 50 }, () => authorization(NOW).record({ expiresAt: NOW + 1 }));
    for (const each of old) await store.put([each], NOW);
    for (let i = 0; i < 5; i++) await store.put([authorization(NOW).record()], NOW + 1);
    // A clock that stepped back would find what is still there.
    const left = await Promise.all(old.map(({ id }) => store.get(id, NOW)));
    assert.deepEqual(left.filter(Boolean), []);
  });

  it('takes a new record in the place of an expired one', async () => {
    const store = memoryStore();
    const record = authorization(NOW).record({ expiresAt: NOW + 10 });
    await store.put([record], NOW);
    await store.consume(record.id, { now: NOW });
    const again = { ...record, expiresAt: NOW + 100 };
    await store.put([again], NOW + 10);
    assert.deepEqual(await store.get(record.id, NOW + 10), again);
    assert.deepEqual(await store.list(record.subject ?? '', NOW + 10), [again]);
  });

  describe('refuses, before it stores any of them, records', () => {
    const { record, tag } = authorization(NOW);
    const other = authorization(NOW);
    for (const [what, wrong] of Object.entries({
      'with an ID that is none': { id: `${tag}.a record` },
      'with an ID that would move it to another slot of a cluster': { id: `${tag}.{a}` },
      'with an ID that is too long': { id: `${tag}.${'x'.repeat(129)}` },
      'of an authorization whose ID is none': { authorizationID: `${tag}.an authorization` },
      'with another tag': { id: other.record().id },
      'that never expire': { expiresAt: Number.POSITIVE_INFINITY },
      'whose end is no number': { expiresAt: Number.NaN },
      'whose use is no number': { consumedAt: Number.NaN },
    }))
      it(what, async () => {
        const store = memoryStore();
        const bad = record(wrong);
        const records = [record({ authorizationID: bad.authorizationID }), bad];
        await assert.rejects(store.put(records, NOW), TypeError);
        for (const { id } of records) assert.equal(await store.get(id, NOW), undefined);
      });

    it('of two authorizations', async () => {
      const store = memoryStore();
      await assert.rejects(store.put([record(), other.record()], NOW), TypeError);
    });

    it('as successors of one with another tag', async () => {
      const store = memoryStore();
      const token = record();
      await store.put([token], NOW);
      await assert.rejects(store.consume(token.id, { now: NOW, next: [other.record()] }), TypeError);
      assert.equal((await store.consume(token.id, { now: NOW }))?.first, true);
    });
  });
});
