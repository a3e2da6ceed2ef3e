import assert from 'node:assert/strict';
import type { Consumed, StoredRecord, TokenRecord, TokenStore } from '../../token-service/store.js';
import { authorization, type Check, LIVES, RACERS } from './subject.js';

/** Asserts that exactly one of the callers that consumed a record was first, and that all got the same record. @returns the record */
export function onlyOne(outcomes: readonly (Consumed | undefined)[]): StoredRecord {
  const winners = outcomes.filter((outcome) => outcome?.first);
  assert.equal(winners.length, 1, `${winners.length} of ${outcomes.length} were first`);
  const record = winners[0]?.record;
  assert.ok(record);
  for (const outcome of outcomes) assert.deepEqual(outcome?.record, record);
  return record;
}

export const consuming: readonly Check[] = [
  {
    name: 'tells who is first, and everyone after them what they left',
    async run({ store, second, now }) {
      const { record } = authorization(now);
      const [sealed, plain] = [record({ kind: 'code' }), record()];
      await store.put([sealed, plain], now);
      const first = await store.consume(sealed.id, { now, seal: 'a seal' });
      const consumed = { ...sealed, consumedAt: first?.now, seal: 'a seal' };
      assert.deepEqual(first, { first: true, record: consumed, now: first?.now });
      const late = { now: now + 2, seal: 'another', next: [record()] };
      const again = await second.consume(sealed.id, late);
      assert.deepEqual(again, { first: false, record: consumed, now: again?.now });
      assert.deepEqual(await second.get(sealed.id, now), consumed);
      assert.equal(await store.get(late.next[0]?.id ?? '', now), undefined);
      const unsealed = await store.consume(plain.id, { now });
      const bare = { ...plain, consumedAt: unsealed?.now };
      assert.deepEqual(unsealed?.record, bare);
      assert.deepEqual((await second.consume(plain.id, late))?.record, bare);
    },
  },
  {
    name: `tells exactly one of ${RACERS} who redeem a code at once that it was first`,
    async run({ store, second, now }) {
      for (let round = 0; round < 5; round++) {
        const code = authorization(now).record({ kind: 'code' });
        await store.put([code], now);
        const race = Array.from({ length: RACERS }, (_, i) =>
          (i % 2 ? store : second).consume(code.id, { now, seal: `seal ${i}` }),
        );
        const { seal } = onlyOne(await Promise.all(race));
        assert.equal((await store.get(code.id, now))?.seal, seal);
      }
    },
  },
  {
    name: `gives exactly one of ${RACERS} who refresh at once its successors, and shows them to the others`,
    async run({ store, second, now }) {
      for (let round = 0; round < 5; round++) {
        const { record } = authorization(now);
        const token = record();
        await store.put([token], now);
        const successors = Array.from({ length: RACERS }, () => [record(), record({ kind: 'access_token' })]);
        const refresh = async (next: readonly TokenRecord[], i: number): Promise<Consumed | undefined> => {
          const [mine, other] = i % 2 ? [store, second] : [second, store];
          const outcome = await mine.consume(token.id, { now, seal: next[0]?.id, next });
          assert.ok(
            await other.get(outcome?.record.seal ?? '', now),
            'the successor is there, for whoever is told of it',
          );
          return outcome;
        };
        const { seal } = onlyOne(await Promise.all(successors.map(refresh)));
        const there = await Promise.all(successors.flat().map(({ id }) => store.get(id, now)));
        const ids = there.filter((each) => each !== undefined).map(({ id }) => id);
        assert.deepEqual(
          ids,
          successors.find(([first]) => first?.id === seal)?.map(({ id }) => id),
        );
      }
    },
  },
  {
    name: 'tells nobody that they are first again, up to the end of the record',
    async run({ store, second, now }) {
      const { record } = authorization(now);
      for (const life of LIVES) {
        const [token, next] = [record({ expiresAt: now + life }), record()];
        await store.put([token], now);
        const first = await store.consume(token.id, { now, seal: 'a seal' });
        // RFC 6749 §4.1.2, RFC 9700 §4.14.2: a code or a refresh token that is first again can be used twice
        for (const later of [now + life / 2, now + life - 1]) {
          const again = await second.consume(token.id, { now: later, seal: 'another', next: [next] });
          assert.deepEqual([again?.first, again?.record], [false, first?.record], `${later - now} of ${life} seconds`);
          assert.equal(await store.get(next.id, now), undefined);
        }
      }
    },
  },
  {
    name: 'has nothing to consume where nothing is, expired or was revoked, and stores no successor',
    async run({ store, now }) {
      const { record, authorizationID } = authorization(now);
      const [never, expired, revoked, next] = [record(), record({ expiresAt: now + 60 }), record(), record()];
      await store.put([expired, revoked], now);
      assert.equal(await store.consume(never.id, { now, next: [next] }), undefined);
      assert.equal(await store.consume(expired.id, { now: now + 60, next: [next] }), undefined);
      assert.equal(await store.get(next.id, now), undefined);
      await store.revoke(authorizationID, now + 600, now);
      assert.equal(await store.consume(revoked.id, { now, next: [next] }), undefined);
      assert.equal(await store.get(next.id, now), undefined);
    },
  },
  {
    name: `tells exactly one of ${RACERS} who put and consume one record at once that it was first`,
    async run({ store, second, now }) {
      for (let round = 0; round < 5; round++) {
        const { authorizationID: id } = authorization(now);
        const used = { id, kind: 'jti', authorizationID: id, clientID: '', expiresAt: now + 600, data: null } as const;
        const use = async (each: TokenStore): Promise<Consumed | undefined> => {
          await each.put([used], now);
          return each.consume(id, { now });
        };
        onlyOne(await Promise.all(Array.from({ length: RACERS }, (_, i) => use(i % 2 ? store : second))));
      }
    },
  },
  {
    name: 'tells how long ago a record was consumed by one clock, whatever clocks the callers have',
    async run({ store, second, now }) {
      const token = authorization(now).record();
      await store.put([token], now);
      await store.consume(token.id, { now: now - 15 });
      const ahead = await second.consume(token.id, { now: now + 15 });
      const elapsed = (ahead?.now ?? Number.NaN) - (ahead?.record.consumedAt ?? Number.NaN);
      // a store without a clock uses those of its callers, which are on the same machine then
      assert.ok(elapsed >= 0 && (elapsed < 5 || (store.answersAtOnce && elapsed === 30)), `${elapsed}`);
    },
  },
  {
    name: 'keeps a consumed record and its seal no longer than it is told',
    async run({ store, second, now }) {
      const { record } = authorization(now);
      const [short, long] = [record(), record({ expiresAt: now + 30 })];
      await store.put([short, long], now);
      await store.consume(short.id, { now, seal: 'sealed', keepUntil: now + 20 });
      await store.consume(long.id, { now, keepUntil: now + 300 });
      const kept = await second.consume(short.id, { now: now + 19 });
      assert.deepEqual([kept?.first, kept?.record.seal, kept?.record.expiresAt], [false, 'sealed', now + 20]);
      assert.equal(await second.get(short.id, now + 20), undefined);
      assert.equal((await second.get(long.id, now + 29))?.expiresAt, now + 30, 'and never longer than its own life');
      assert.equal(await second.get(long.id, now + 30), undefined);
    },
  },
  {
    name: 'tells the first that it was first, and stores its successor, where what is consumed is kept no longer',
    async run({ store, second, now }) {
      const { record } = authorization(now);
      for (const keepUntil of [now, now - 60]) {
        const [token, next] = [record(), record()];
        await store.put([token], now);
        const consumed = await store.consume(token.id, { now, next: [next], keepUntil });
        assert.deepEqual([consumed?.first, consumed?.record.data], [true, token.data]);
        assert.deepEqual(await second.get(next.id, now), next);
        assert.equal(await second.get(token.id, now), undefined);
        assert.equal(await second.consume(token.id, { now }), undefined);
      }
    },
  },
  {
    name: 'consumes nothing where the successor is refused',
    async run({ store, now }) {
      const { record } = authorization(now);
      const token = record();
      await store.put([token], now);
      const stranger = authorization(now).record();
      await assert.rejects(
        store.consume(token.id, { now, next: [stranger] }),
        TypeError,
        'a successor with another tag: call checkSuccessors()',
      );
      assert.deepEqual(await store.get(token.id, now), token);
      assert.equal(await store.get(stranger.id, now), undefined);
    },
  },
];
