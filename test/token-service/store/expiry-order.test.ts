import assert from 'node:assert/strict';
import { type Expiring, ExpiryOrder } from '../../../lib/token-service/store/expiry-order.js';
import { comeAndGo } from './come-and-go.js';

describe('ExpiryOrder', () => {
  it('gives the item that expires next, to the fraction of a second, whatever comes and goes', () => {
    const order = new ExpiryOrder<Expiring>();
    comeAndGo<Expiring>({
      make: (random) => ({ expiresAt: random(1000) / 4, place: 0 }),
      add: (item) => order.add(item),
      remove: (item) => order.remove(item),
      check(items) {
        const { first, size } = order;
        assert.equal(size, items.length);
        assert.equal(first === undefined, items.length === 0);
        if (!first) return;
        assert.ok(items.includes(first));
        assert.equal(first.expiresAt, Math.min(...items.map(({ expiresAt }) => expiresAt)));
      },
    });
  });
});
