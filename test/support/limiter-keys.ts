import { RateLimiterMemory } from 'rate-limiter-flexible';

/** @returns the keys that limiters in memory have counted meanwhile */
export async function limiterKeys(work: () => Promise<unknown>): Promise<readonly string[]> {
  const { consume } = RateLimiterMemory.prototype;
  const keys = new Set<string>();
  RateLimiterMemory.prototype.consume = function (key, ...more) {
    keys.add(`${key}`);
    return consume.call(this, key, ...more);
  };
  try {
    await work();
  } finally {
    RateLimiterMemory.prototype.consume = consume;
  }
  return [...keys];
}
