import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { authorization, type Check, idOf, random } from './subject.js';

export const expiring: readonly Check[] = [
  {
    name: 'has nothing from the second on in which it expires',
    async run({ store, now }) {
      const { record, subject } = authorization(now);
      const expires = record({ expiresAt: now + 60 });
      await store.put([expires], now);
      assert.ok(await store.get(expires.id, now + 59));
      assert.equal((await store.list(subject, now + 59)).length, 1);
      for (const later of [now + 60, now + 61]) {
        assert.equal(await store.get(expires.id, later), undefined);
        assert.equal(await store.consume(expires.id, { now: later }), undefined);
        assert.deepEqual(await store.list(subject, later), []);
      }
      assert.equal((await store.consume(expires.id, { now: now + 59 }))?.first, true);
      assert.equal(await store.consume(expires.id, { now: now + 60 }), undefined);
    },
  },
  {
    name: 'takes records of any lifetime',
    async run({ store, now }) {
      const { record } = authorization(now);
      const records = [now - 1, now, now + 1e6, now + 1e9, 2 ** 53 - 1].map((expiresAt) => record({ expiresAt }));
      await store.put(records, now);
      const found = await Promise.all(records.map(({ id }) => store.get(id, now)));
      assert.deepEqual(
        found.map((each) => each !== undefined),
        [false, false, true, true, true],
      );
    },
  },
  {
    name: 'has neither forgotten nor reopened anything when the clock steps back',
    async run({ store, now }) {
      const { record } = authorization(now);
      const [spent, unspent] = [record(), record()];
      await store.put([spent, unspent], now);
      const first = await store.consume(spent.id, { now, seal: 'first' });
      const before = now - 3600;
      const again = await store.consume(spent.id, { now: before, seal: 'second' });
      assert.equal(again?.first, false);
      assert.deepEqual([again?.record.seal, again?.record.consumedAt], ['first', first?.now]);
      assert.equal((await store.consume(unspent.id, { now: before }))?.first, true);
      await store.revoke(spent.authorizationID, now + 600, now);
      await store.put([record()], before);
      assert.deepEqual(await store.list(spent.subject ?? '', before), []);
    },
  },
];

export const dumped: readonly Check[] = [
  {
    name: 'stores no credential',
    async run({ store, now, dump }) {
      const { record, tag } = authorization(now);
      const secret = random();
      await store.put([record({ id: idOf(tag, secret) })], now);
      const stored = (await dump?.()) ?? '';
      assert.ok(stored.includes(idOf(tag, secret)), 'the dump is of what is stored');
      assert.ok(!stored.includes(secret));
    },
  },
  {
    name: 'removes by itself what expired',
    async run({ store, now, dump }) {
      const [short, long] = [authorization(now), authorization(now)];
      const [revoked, longer] = [authorization(now), authorization(now)];
      const records = [short.record({ expiresAt: now + 2 }), short.record({ expiresAt: now + 2 }), long.record()];
      for (const each of records) await store.put([each], now);
      await store.consume(records[1]?.id ?? '', { now });
      await store.revoke(revoked.authorizationID, now + 2, now);
      await store.revoke(longer.authorizationID, now + 600, now);
      await store.revoke(longer.authorizationID, now + 2, now);
      const left = async () => {
        const stored = (await dump?.()) ?? '';
        return [...records, revoked, longer]
          .map((each) => ('id' in each ? each.id : each.authorizationID))
          .map((id) => stored.includes(id));
      };
      while ((await left()).filter(Boolean).length > 2) await sleep(50); // ends by the time limit of the test
      assert.deepEqual(await left(), [false, false, true, false, true]);
      const late = longer.record();
      await store.put([late], now);
      assert.equal(await store.get(late.id, now), undefined, 'a later revocation does not shorten an earlier one');
    },
  },
];
