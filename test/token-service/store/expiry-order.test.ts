import assert from 'node:assert/strict';
import { type Expiring, ExpiryOrder } from '../../../lib/token-service/store/expiry-order.js';

describe('ExpiryOrder', () => {
  it('gives an item of the second in which the next one expires, whatever comes and goes', () => {
    const order = new ExpiryOrder<Expiring>();
    const items: Expiring[] = [];
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let i = 0; i < 20_000; i++) {
      if (random(100) < 51 || items.length === 0) {
        const item = { expiresAt: random(1000) / 4, place: 0 };
        items.push(item);
        order.add(item);
      } else {
        const [gone] = items.splice(random(items.length), 1);
        if (gone) order.remove(gone);
      }
      assert.equal(order.size, items.length);
      const { first } = order;
      assert.equal(first === undefined, items.length === 0);
      if (!first) continue;
      assert.ok(items.includes(first));
      assert.equal(Math.ceil(first.expiresAt), Math.min(...items.map(({ expiresAt }) => Math.ceil(expiresAt))));
    }
  });
});
