import assert from 'node:assert/strict';
import { authorization, type Check, idOf, ids, LIVES, ofClient, random } from './subject.js';

const ROUNDS = 20;

/** The number of records of one authorization: more than one statement, page or batch of a store can have. */
const MANY = 1500;
const AT_ONCE = 100;

export const revoking: readonly Check[] = [
  {
    name: 'hides all there is of an authorization, and nothing else',
    async run({ store, second, now }) {
      const { record, authorizationID, tag, subject } = authorization(now);
      const records = [record({ kind: 'code' }), record({ kind: 'access_token' }), record()];
      const neighbour = { ...record(), authorizationID: idOf(tag, random()) }; // another authorization with the same tag
      const other = authorization(now, subject).record();
      await store.put(records, now);
      for (const each of [neighbour, other]) await store.put([each], now);
      await store.consume(records[0]?.id ?? '', { now });
      await store.revoke(authorizationID, now + 600, now);
      for (const { id } of records) {
        assert.equal(await second.get(id, now), undefined);
        assert.equal(await second.consume(id, { now }), undefined);
      }
      assert.equal((await second.list(subject, now)).length, 2);
      for (const { id } of [neighbour, other]) assert.ok(await second.get(id, now));
    },
  },
  {
    name: 'hides what comes later, too',
    async run({ store, second, now }) {
      const { record, authorizationID, subject } = authorization(now);
      await store.revoke(authorizationID, now + 600, now);
      const late = record();
      await second.put([late], now);
      assert.equal(await store.get(late.id, now), undefined);
      assert.equal(await store.consume(late.id, { now }), undefined);
      assert.deepEqual(await store.list(subject, now), []);
    },
  },
  {
    name: 'hides what comes later, up to the end of the revocation',
    async run({ store, second, now }) {
      for (const life of LIVES) {
        const { record, authorizationID, subject } = authorization(now);
        const until = now + life;
        await store.revoke(authorizationID, until, now);
        for (const later of [now + life / 2, until - 1]) {
          const late = record({ expiresAt: until });
          assert.equal(await second.put([late], later), false, `${later - now} of ${life} seconds`);
          assert.equal(await store.get(late.id, later), undefined);
          assert.equal(await store.consume(late.id, { now: later }), undefined);
          assert.deepEqual(await store.list(subject, later), []);
        }
      }
    },
  },
  {
    name: 'is not shortened by a revocation that ends earlier',
    async run({ store, second, now }) {
      const { record, authorizationID, subject } = authorization(now);
      await store.revoke(authorizationID, now + 600, now);
      for (const until of [now + 60, now - 3600]) await second.revoke(authorizationID, until, now);
      for (const later of [now, now + 120]) {
        const late = record();
        assert.equal(await store.put([late], later), false);
        assert.equal(await store.get(late.id, later), undefined);
        assert.deepEqual(await store.list(subject, later), []);
      }
    },
  },
  {
    name: `hides each of ${MANY} records of an authorization, which are all listed for its client before`,
    async run({ store, second, now }) {
      const clientID = `client ${random()}`;
      const { record, authorizationID, subject } = authorization(now);
      const records = Array.from({ length: MANY }, () => record({ clientID, kind: 'access_token' }));
      for (let i = 0; i < MANY; i += AT_ONCE) await store.put(records.slice(i, i + AT_ONCE), now);
      const listed = new Set(ids(await ofClient(second, clientID, now)));
      assert.equal(records.filter(({ id }) => !listed.has(id)).length, 0, 'all are listed');
      await second.revoke(authorizationID, now + 600, now);
      const left = await Promise.all(records.map(({ id }) => store.get(id, now)));
      assert.equal(left.filter(Boolean).length, 0, 'none can be read');
      assert.equal((await ofClient(store, clientID, now)).length, 0);
      assert.deepEqual(await store.list(subject, now), []);
    },
  },
  {
    name: 'hides what is put at the same time',
    async run({ store, second, now }) {
      for (let round = 0; round < ROUNDS; round++) {
        const { record, authorizationID, subject } = authorization(now);
        const records = Array.from({ length: 6 }, () => record());
        const put = (half: number) => records.filter((_, i) => i % 2 === half).map((each) => store.put([each], now));
        await Promise.all([...put(0), second.revoke(authorizationID, now + 600, now), ...put(1)]);
        for (const { id } of records) {
          assert.equal(await store.consume(id, { now }), undefined);
          assert.equal(await store.get(id, now), undefined);
        }
        assert.deepEqual(await second.list(subject, now), []);
      }
    },
  },
  {
    name: 'hides the successors of what is consumed at the same time',
    async run({ store, second, now }) {
      for (let round = 0; round < ROUNDS; round++) {
        const { record, authorizationID } = authorization(now);
        const [token, next] = [record(), record()];
        await store.put([token], now);
        const consume = () => store.consume(token.id, { now, next: [next] });
        const revoke = () => second.revoke(authorizationID, now + 600, now);
        await Promise.all(round % 2 ? [consume(), revoke()] : [revoke(), consume()]);
        for (const { id } of [token, next]) assert.equal(await store.get(id, now), undefined);
      }
    },
  },
];
