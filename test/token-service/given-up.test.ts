import assert from 'node:assert/strict';
import { GivenUp } from '../../lib/token-service/given-up.js';
import { StoreUnavailableError } from '../../lib/token-service/store.js';
import { thenable } from '../support/thenable.js';

describe('what is remembered of an outage', () => {
  it('is the last 10,000: an outage does not fill the memory', () => {
    const known = new GivenUp();
    for (let i = 0; i <= 10_000; i++) known.add(`id ${i}`, 1000);
    assert.deepEqual(
      [known.has('id 0', 1000), known.has('id 1', 1000), known.has('id 10000', 1000)],
      [false, true, true],
    );
  });

  it('knows of a store that throws at once, and waits for what can be awaited and is no promise', async () => {
    const known = new GivenUp();
    const during = <T>(work: () => Promise<T>) =>
      known.during(
        work,
        () => 'id',
        () => 1000,
      );
    assert.equal(await during(() => thenable('answer')), 'answer');
    const down = (): never => {
      throw new StoreUnavailableError('down');
    };
    await assert.rejects(during(down), StoreUnavailableError);
    assert.equal(known.has('id', 1000), true);
  });

  it('is when it began, however often it is said, and ends an hour after it was said last', () => {
    const known = new GivenUp();
    known.add('id', 1000);
    known.add('id', 2000);
    assert.deepEqual([known.since('id', 5599), known.since('id', 5600)], [1000, undefined]);
  });
});
