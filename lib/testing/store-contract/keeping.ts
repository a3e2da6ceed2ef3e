import assert from 'node:assert/strict';
import type { TokenKind, TokenRecord } from '../../token-service/store.js';
import { authorization, type Check, idOf, RACERS, random } from './subject.js';

const KINDS: readonly TokenKind[] = [
  'code',
  'access_token',
  'refresh_token',
  'ephemeral',
  'jti',
  'a kind of an extension',
];

const ODD =
  'NUL \u0000, quotes "\'`, \\, \u2028, \u00e9 or e\u0301, \u{1f511}, half of one: \ud83d, {braces}, %_*, \r\n\t';

const VALUES: readonly unknown[] = [
  null,
  false,
  0,
  -1.5e-9,
  '',
  ODD,
  [],
  {},
  [[null, [1]], { a: { b: [{}] } }],
  { [ODD]: ODD, '': 1, 1: 2 },
  JSON.parse('{ "__proto__": { "polluted": true }, "constructor": 1, "toString": null }'),
];

/** IDs that no record can have. A stranger can make a server look them up by presenting a made-up token. */
const IMPOSSIBLE = [
  '',
  '.',
  'a',
  'a.',
  '.a',
  'a.\u0000',
  `${'a'.repeat(5000)}.b`,
  'a}.b',
  '{a}.b',
  'a b.c',
  '*.*',
  '\ud83d.a',
];

export const keeping: readonly Check[] = [
  {
    name: 'gives back every member as it was, and none that was not',
    async run({ store, second, now }) {
      const { record } = authorization(now);
      const full = KINDS.map((kind) => record({ kind }));
      const { subject: _, ...ownerless } = record({ clientID: '' });
      await store.put([...full, ownerless], now);
      for (const each of [...full, ownerless]) {
        assert.deepEqual(await store.get(each.id, now), each);
        assert.deepEqual(await second.get(each.id, now), each);
      }
      const { id: __, ...bare } = (await store.get(ownerless.id, now)) ?? ownerless;
      for (const member of ['subject', 'consumedAt', 'seal']) assert.ok(!(member in bare), member);
    },
  },
  {
    name: 'keeps times with fractions of a second',
    async run({ store, second, now }) {
      const whole = Math.floor(now);
      const { record } = authorization(now);
      const [short, spent] = [record({ expiresAt: whole + 60.25 }), record({ consumedAt: whole + 0.5 })];
      await store.put([short, spent], now);
      assert.equal((await second.get(short.id, whole + 60.125))?.expiresAt, whole + 60.25);
      assert.equal(await second.get(short.id, whole + 60.25), undefined);
      assert.equal((await second.get(spent.id, whole + 0.75))?.consumedAt, whole + 0.5);
    },
  },
  {
    name: 'keeps any JSON',
    async run({ store, second, now }) {
      const { record } = authorization(now);
      const records = VALUES.map((data) => record({ data }));
      await store.put(records, now);
      for (const each of records) assert.deepEqual((await second.get(each.id, now))?.data, each.data);
    },
  },
  {
    name: 'keeps 100 kB of JSON',
    async run({ store, second, now }) {
      const { record } = authorization(now);
      const large = record({
        data: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i, '\u00fc'.repeat(512)])),
      });
      await store.put([large], now);
      assert.deepEqual(await second.get(large.id, now), large);
    },
  },
  {
    name: 'keeps odd characters in every text, seals included',
    async run({ store, second, now }) {
      const subject = ODD + random();
      const odd = authorization(now, subject).record({ clientID: ODD });
      await store.put([odd], now);
      assert.deepEqual(await second.get(odd.id, now), odd);
      assert.deepEqual(await second.list(subject, now), [odd]);
      assert.deepEqual(await second.list(subject.replace('one: \ud83d', 'one: \ud83c'), now), []);
      await store.consume(odd.id, { now, seal: ODD });
      assert.equal((await second.get(odd.id, now))?.seal, ODD);
    },
  },
  {
    name: 'is not changed by who changes what was put, or what was read',
    async run({ store, now }) {
      const data = { scope: ['read'] };
      const record = authorization(now).record({ data });
      await store.put([record], now);
      data.scope.push('write');
      const read = (await store.get(record.id, now))?.data as typeof data;
      try {
        read.scope.push('admin');
      } catch {} // the store may have frozen the object
      assert.deepEqual((await store.get(record.id, now))?.data, { scope: ['read'] });
    },
  },
  {
    name: 'knows nothing of IDs that it was not given, whatever they look like',
    async run({ store, now }) {
      for (const id of [idOf(random(), ''), ...IMPOSSIBLE]) {
        assert.equal(await store.get(id, now), undefined, id);
        assert.equal(await store.consume(id, { now, seal: 'a' }), undefined, id);
        await store.remove(id);
        await store.revoke(id, now + 60, now);
      }
      assert.deepEqual(await store.list(random(), now), []);
    },
  },
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
];
