import assert from 'node:assert/strict';
import { ExpiryHeap, type InHeap } from '../../../lib/token-service/store/expiry-heap.js';

describe('ExpiryHeap', () => {
  it('always knows what expires first, whatever comes and goes', () => {
    const heap = new ExpiryHeap<InHeap>();
    const items: InHeap[] = [];
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let i = 0; i < 20_000; i++) {
      if (random(100) < 51 || items.length === 0) {
        const item = { expiresAt: random(1000), place: 0 };
        items.push(item);
        heap.add(item);
      } else {
        const [gone] = items.splice(random(items.length), 1);
        if (gone) heap.remove(gone);
      }
      assert.equal(heap.size, items.length);
      assert.equal(
        heap.first?.expiresAt,
        items.length ? Math.min(...items.map(({ expiresAt }) => expiresAt)) : undefined,
      );
    }
  });
});
