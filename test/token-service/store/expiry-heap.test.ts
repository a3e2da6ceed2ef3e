import assert from 'node:assert/strict';
import { ExpiryHeap, type InHeap } from '../../../lib/token-service/store/expiry-heap.js';
import { comeAndGo } from './come-and-go.js';

describe('ExpiryHeap', () => {
  it('always knows what expires first, whatever comes and goes', () => {
    const heap = new ExpiryHeap<InHeap>();
    comeAndGo<InHeap>({
      make: (random) => ({ expiresAt: random(1000), place: 0 }),
      add: (item) => heap.add(item),
      remove: (item) => heap.remove(item),
      check(items) {
        assert.equal(heap.size, items.length);
        const first = items.length ? Math.min(...items.map(({ expiresAt }) => expiresAt)) : undefined;
        assert.equal(heap.first?.expiresAt, first);
      },
    });
  });
});
