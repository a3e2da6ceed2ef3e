import assert from 'node:assert/strict';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError } from '../../token-service/store.js';
import { authorization, type Check } from './subject.js';

/** A deadline in seconds that no call can meet if it waits for a disk or a connection. */
const MICROSECOND = 1e-6;

/** Milliseconds after which a write has taken effect that a store has given up waiting for, but has not stopped. */
const LATE = 100;

/** Whether a call with a deadline of a microsecond took effect. It may do so only if it did not have to wait. */
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
