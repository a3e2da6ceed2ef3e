/** Values that stand with a request. */
import assert from 'node:assert/strict';
import type { Context } from 'koa';
import { perRequest } from 'koauthorize/extending';

describe('a value of a request', () => {
  for (const [what, from] of [
    ['copied', (ctx: Context) => ({ ...ctx }) as Context],
    ['derived', (ctx: Context) => Object.create(ctx) as Context],
  ] as const)
    it(`of a ${what} context is at first that of the original, and is set there alone`, () => {
      const value = perRequest<string>('test');
      const ctx = {} as Context;
      value.set(ctx, 'first');
      const [one, other] = [from(ctx), from(ctx)];
      assert.equal(value.of(one), 'first');
      value.set(one, 'second');
      assert.deepEqual([value.of(ctx), value.of(one), value.of(other)], ['first', 'second', 'first']);
    });
});
