/** Until when Redis may do what it was asked. */
import assert from 'node:assert/strict';
import { RedisClock } from '../../../lib/token-service/store/redis-clock.js';

describe('a deadline', () => {
  it('in the time of a Redis server is over when the caller gives up, though Date.now() counts whole milliseconds', () => {
    const { now } = Date;
    let milliseconds = 1_000_000.9;
    Date.now = () => Math.floor(milliseconds);
    try {
      const clock = new RedisClock('database');
      clock.learn(milliseconds / 1000); // both clocks are the same
      milliseconds = 1_000_001;
      assert.ok(Number(clock.deadline(0)) <= milliseconds / 1000, clock.deadline(0));
    } finally {
      Date.now = now;
    }
  });
});
