import assert from 'node:assert/strict';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError } from '../../token-service/store.js';
import { authorization, type Check } from './subject.js';

/** Seconds: no call that waits for a disk or a connection is over by then. */
const MICROSECOND = 1e-6;

/** Milliseconds in which a store that only stopped waiting for its own write would have written. */
const LATE = 100;

/** Whether a call whose caller waits a microsecond took effect. It may, if it waited for nothing. */
async function tookEffect(call: Promise<unknown>): Promise<boolean> {
  const refused = (error: unknown): boolean => {
    assert.ok(error instanceof StoreUnavailableError, `${error}`);
    return false;
  };
  const outcome = call.then(() => true, refused);
  const atOnce = await Promise.race([outcome, setImmediate('waits' as const)]);
  if (atOnce === 'waits')
    assert.equal(await outcome, false, 'a call that took longer than its caller waits is refused');
  return atOnce === true;
}

export const deadlines: readonly Check[] = [
  {
    name: 'does nothing once the caller has given up',
    async run({ store, second, now }) {
      const { record } = authorization(now);
      const [token, next, late] = [record(), record(), record()];
      await store.put([token], now);
      await assert.rejects(store.consume(token.id, { now, next: [next], within: -1 }), StoreUnavailableError);
      await assert.rejects(store.put([late], now, -1), StoreUnavailableError);
      assert.deepEqual(await second.get(token.id, now), token);
      for (const { id } of [next, late]) assert.equal(await second.get(id, now), undefined);
    },
  },
  {
    name: 'does nothing for a caller who waits a microsecond, neither then nor later, unless it waits for nothing',
    async run({ store, second, now }) {
      const { record } = authorization(now);
      const [token, next, late] = [record(), record(), record()];
      await store.put([token], now);
      const consumption = { now, next: [next], within: MICROSECOND };
      const consumed = await tookEffect(store.consume(token.id, consumption));
      const stored = await tookEffect(store.put([late], now, MICROSECOND));
      await sleep(LATE);
      assert.equal((await second.get(token.id, now))?.consumedAt !== undefined, consumed);
      assert.equal((await second.get(next.id, now)) !== undefined, consumed);
      assert.equal((await second.get(late.id, now)) !== undefined, stored);
    },
  },
];
