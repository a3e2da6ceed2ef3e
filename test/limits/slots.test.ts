/** So many slots of each key in a span of time, in all processes. */
import assert from 'node:assert/strict';
import type { EphemeralStore } from 'koauthorize';
import { CLOCK_SKEW } from '../../lib/clock.js';
import { slots } from '../../lib/limits/slots.js';

/** A store that remembers what was added, and until when; it answers when `answered` has been. */
function noting(answered: () => Promise<unknown> = async () => {}) {
  const kept = new Map<string, number>();
  const asked: string[] = [];
  const store: EphemeralStore = {
    async add(key, _value, expiresAt) {
      asked.push(key);
      const isNew = !kept.has(key);
      if (isNew) kept.set(key, expiresAt);
      await answered();
      return isNew;
    },
    get: () => assert.fail('no slot is read'),
    take: () => assert.fail('no slot is given back'),
  };
  return { store, kept, asked };
}

const LIMIT = { name: 'test slot', most: 3, window: 60 } as const;
const NOW = 6000;

describe('slots', () => {
  it('are taken by as many callers as there are, and a store is asked once about each', async () => {
    const { store, asked } = noting(() => new Promise((resolve) => setImmediate(resolve)));
    const take = slots(LIMIT);
    const waits = await Promise.all(Array.from({ length: 10 }, () => take(store, 'a', NOW)));
    assert.deepEqual(
      waits.map((wait) => wait === undefined),
      [true, true, true, ...Array.from({ length: 7 }, () => false)],
    );
    assert.equal(new Set(asked).size, 3);
    assert.equal(asked.length, 3);
  });

  it('of different keys, names and spans are different', async () => {
    const { store } = noting();
    const one = { ...LIMIT, most: 1 };
    const take = slots(one);
    for (const [of, key, now] of [
      [take, 'a', NOW],
      [take, 'b', NOW],
      [take, 'a', NOW + 60],
      [slots({ ...one, name: 'another slot' }), 'a', NOW],
    ] as const)
      assert.equal(await of(store, key, now), undefined);
    assert.equal(await slots(one)(store, 'a', NOW), 60, 'another process');
  });

  it('are remembered for longer than clocks differ: one whose clock is late counts in the span before', async () => {
    const { store, kept } = noting();
    await slots(LIMIT)(store, 'a', NOW + 20);
    assert.deepEqual([...kept.values()], [NOW + 60 + CLOCK_SKEW]);
  });

  it('a request for which the store takes until the next span takes no slot of that one', async () => {
    let isLate = true;
    const { store, asked } = noting(async () => {
      if (!isLate) return;
      isLate = false;
      await take(store, 'a', NOW + 60);
    });
    const take = slots(LIMIT);
    const refusing: EphemeralStore = { ...store, add: async (...slot) => (await store.add(...slot)) && false };
    assert.equal(await take(refusing, 'a', NOW + 59.5), 1, 'seconds to wait, and never none');
    assert.equal(asked.length, 2);
  });

  it('of more keys than are remembered cost few calls of the store: strangers with many clients do not make each request ask about all taken slots', async () => {
    const { store, asked } = noting();
    const take = slots({ ...LIMIT, most: 600 });
    const keys = Array.from({ length: 1001 }, (_, index) => `${index}`);
    for (let round = 0; round < 30; round++) for (const key of keys) await take(store, key, NOW);
    const calls = asked.length / (30 * keys.length);
    assert.ok(calls < 3, `${calls} calls for each request`);
  });

  it('of a thousand keys are remembered by a process: strangers, who can make up keys, do not fill its memory', async () => {
    const { store, asked } = noting();
    const take = slots({ ...LIMIT, most: 1 });
    const countAfter = async (others: number): Promise<number> => {
      await take(store, 'first', NOW);
      for (let i = 0; i < others; i++) await take(store, `${i}`, NOW);
      asked.length = 0;
      await take(store, 'first', NOW);
      return asked.length;
    };
    assert.deepEqual([await countAfter(999), await countAfter(1000)], [0, 1]);
  });
});
