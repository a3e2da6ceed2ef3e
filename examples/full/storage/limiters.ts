/** Counters of attempts. Their number is fixed, so that an attacker who invents names and addresses can fill neither the memory nor a table. */
import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import { unavailable } from './index.js';

/** How often something may happen within a time. */
export interface Limit {
  readonly name: string;
  readonly points: number;
  readonly seconds: number;
}

/** How many counters each limit has. */
export const COUNTERS = 65_536;

export interface Limiter {
  /** Counts an attempt. @param counter from 0 to COUNTERS - 1 @returns seconds to wait, if there were too many */
  count(counter: number): Promise<number | undefined>;
  /** Takes back the last counted attempt. */
  takeBack(counter: number): Promise<void>;
}

/** In the memory of this process: less than a megabyte, however many attempts there are. */
export function memoryLimiter({ points, seconds }: Limit): Limiter {
  const counts = new Uint32Array(COUNTERS);
  const ends = new Float64Array(COUNTERS); // epoch milliseconds
  return {
    async count(counter) {
      const now = Date.now();
      if ((ends[counter] ?? 0) <= now) {
        counts[counter] = 0;
        ends[counter] = now + seconds * 1000;
      }
      const count = (counts[counter] ?? 0) + 1;
      counts[counter] = count;
      return count > points ? ((ends[counter] ?? now) - now) / 1000 : undefined;
    },
    async takeBack(counter) {
      counts[counter] = Math.max(0, (counts[counter] ?? 0) - 1);
    },
  };
}

/** In a database, for all processes. */
export function sharedLimiter(limiter: RateLimiterAbstract): Limiter {
  return {
    async count(counter) {
      try {
        await limiter.consume(`${counter}`);
        return undefined;
      } catch (limit) {
        if (!(limit instanceof RateLimiterRes)) throw unavailable(limit);
        return limit.msBeforeNext / 1000;
      }
    },
    takeBack: async (counter) => void (await limiter.reward(`${counter}`)),
  };
}
