import assert from 'node:assert/strict';
import { authorization, type Check, idOf, KINDS, random } from './subject.js';

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
    name: 'keeps a seal of 64 kB',
    async run({ store, second, now }) {
      // the token service seals a whole response in it, with JWTs, to answer a client again that did not receive the first one
      const seal = random().repeat(3000).slice(0, 65_536);
      const token = authorization(now).record();
      const { id } = token;
      await store.put([token], now);
      await store.consume(id, { now, seal });
      assert.equal((await second.get(id, now))?.seal, seal);
      assert.equal((await second.consume(id, { now }))?.record.seal, seal);
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
];
