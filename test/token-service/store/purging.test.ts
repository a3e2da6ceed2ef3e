/** Removing what has expired, in the background. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { purging } from '../../../lib/token-service/store/purging.js';

/** Works for some milliseconds, during which nothing else runs. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('purging', () => {
  it('lets others do their work after each batch', async () => {
    const order: string[] = [];
    const end = purging(
      async function* () {
        for (let i = 0; i < 3; i++) {
          work(5);
          setTimeout(() => order.push('other'), 1); // earlier than a rest of 5 ms ends
          order.push('batch');
          yield;
        }
      },
      { purgeInterval: 0.01 },
    );
    while (order.length < 6) await sleep(5);
    await end();
    assert.deepEqual(order.slice(0, 6), ['batch', 'other', 'batch', 'other', 'batch', 'other']);
  });

  it('ends between two batches, without waiting', async () => {
    let batches = 0;
    const end = purging(
      async function* () {
        for (let i = 0; i < 100; i++) {
          work(5);
          batches++;
          yield;
        }
      },
      { purgeInterval: 0.01 },
    );
    while (batches < 2) await sleep(1);
    await end();
    const ended = batches;
    await sleep(50);
    assert.equal(batches, ended);
    assert.ok(ended < 100, 'it did not end in the middle');
  });

  it('waits at its end for the batch that is running', async () => {
    let state = 'waiting';
    const end = purging(
      async function* () {
        state = 'running';
        await sleep(20);
        state = 'done';
        yield;
      },
      { purgeInterval: 0.01 },
    );
    while (state === 'waiting') await sleep(1);
    await end();
    assert.equal(state, 'done');
  });

  it('goes on after a failure', async () => {
    let tries = 0;
    const end = purging(
      async function* () {
        tries++;
        yield;
        throw new Error('No connection');
      },
      { purgeInterval: 0.01 },
    );
    while (tries < 3) await sleep(5);
    await end();
  });
});
