/** Until when Redis may do what it was asked. */
import assert from 'node:assert/strict';
import { RedisClock } from '../../../lib/token-service/store/redis-clock.js';

describe('a deadline', () => {
  it('in the time of a Redis server has passed as long as that time is not known', () => {
    assert.equal(Number(new RedisClock('database').deadline(60)), 0);
  });

  it('in the time of a Redis server is over when the caller gives up, however the clock of the machine is set', () => {
    const { now } = Date;
    const clock = new RedisClock('database');
    const before = performance.now();
    clock.learn(1_000_000);
    Date.now = () => now() + 3_600_000;
    try {
      const deadline = Number(clock.deadline(5)) - 1_000_000;
      const passed = (performance.now() - before) / 1000;
      assert.ok(deadline >= 5 && deadline <= 5 + passed + 1e-6, `${deadline}`);
    } finally {
      Date.now = now;
    }
  });
});
