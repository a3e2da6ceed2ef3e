import assert from 'node:assert/strict';
import type { TokenRecord } from '../../token-service/store.js';
import { authorization, type Check, idOf, RACERS, random } from './subject.js';

export const putting: readonly Check[] = [
  {
    name: 'stores all records or none',
    async run({ store, now }) {
      const { record } = authorization(now);
      const good = record();
      const bad: Readonly<Record<string, TokenRecord>> = {
        'an ID without a dot': record({ id: 'no ID' }),
        'an ID with another tag than that of its authorization': record({ id: idOf(random(), '') }),
        'an expiresAt that is no number': record({ expiresAt: Number.NaN }),
        'a consumedAt that is no number': record({ consumedAt: Number.NaN }),
        'another authorization than the first': authorization(now).record(),
      };
      for (const [what, each] of Object.entries(bad)) {
        await assert.rejects(store.put([good, each], now), TypeError, `a record with ${what}: call checkRecords()`);
        assert.equal(await store.get(good.id, now), undefined, what);
      }
      await store.put([], now);
    },
  },
  {
    name: 'never puts a record in the place of another, consumed or not',
    async run({ store, second, now }) {
      const record = authorization(now).record();
      await store.put([record], now);
      assert.equal(await second.put([{ ...record, clientID: 'another client' }], now), false);
      assert.deepEqual(await store.get(record.id, now), record);
      await store.consume(record.id, { now });
      assert.equal(await second.put([record], now), false);
      assert.equal((await store.consume(record.id, { now }))?.first, false);
    },
  },
  {
    name: 'says whether it stored what it was given, and tells one of those who put one ID at once',
    async run({ store, second, now }) {
      const one = authorization(now).record({ kind: 'ephemeral', consumedAt: now });
      const puts = Array.from({ length: RACERS }, (_, i) => (i % 2 ? store : second).put([one], now));
      const stored = (await Promise.all(puts)).filter(Boolean);
      assert.equal(stored.length, 1);
      assert.deepEqual(await second.get(one.id, now), one);
      assert.equal((await store.consume(one.id, { now }))?.first, false, 'what was put as consumed stays so');
      const { record, authorizationID } = authorization(now);
      assert.equal(await store.put([record(), record()], now), true);
      await store.revoke(authorizationID, now + 600, now);
      assert.equal(await store.put([record()], now), false);
    },
  },
  {
    name: 'removes a record, and no other',
    async run({ store, second, now }) {
      const { record, subject } = authorization(now);
      const [gone, stays] = [record(), record()];
      await store.put([gone, stays], now);
      await store.remove(gone.id);
      await store.remove(gone.id);
      assert.equal(await second.get(gone.id, now), undefined);
      assert.equal(await second.consume(gone.id, { now }), undefined);
      assert.deepEqual(await second.list(subject, now), [stays]);
    },
  },
  {
    name: 'leaves out the one of several whose ID is taken, stores the others, and says that it did not store all',
    async run({ store, second, now }) {
      const { record } = authorization(now);
      const [taken, spent, fresh, further, token] = [record(), record(), record(), record(), record()];
      await store.put([taken, spent, token], now);
      await store.consume(spent.id, { now });
      const other = { clientID: 'another client' };
      assert.equal(await second.put([{ ...taken, ...other }, fresh], now), false);
      assert.equal(await second.put([further, { ...spent, ...other }], now), false);
      for (const each of [taken, fresh, further]) assert.deepEqual(await store.get(each.id, now), each);
      assert.equal((await store.consume(spent.id, { now }))?.first, false);
      await second.consume(token.id, { now, next: [{ ...taken, ...other }] });
      assert.deepEqual(await store.get(taken.id, now), taken, 'a successor does not replace a record either');
    },
  },
  {
    name: 'takes the ID of a record that was removed, consumed or not',
    async run({ store, second, now }) {
      const { record, subject } = authorization(now);
      const [gone, spent] = [record(), record({ expiresAt: now + 900 })];
      await store.put([gone, spent], now);
      await store.consume(spent.id, { now });
      for (const each of [gone, spent]) {
        await store.remove(each.id);
        assert.equal(await second.put([each], now), true);
        assert.deepEqual(await store.get(each.id, now), each);
      }
      assert.deepEqual(await store.list(subject, now), [spent]);
      assert.equal((await store.consume(gone.id, { now }))?.first, true);
    },
  },
];
