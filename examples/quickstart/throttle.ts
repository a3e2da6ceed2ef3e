/** Slows down who guesses clients' secrets. With several processes, take RateLimiterRedis or RateLimiterPostgres. */
import type { AuthenticationAttempt, Throttle } from 'koauthorize/client-auth';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Wrong guesses in a minute: of one client's secret from one address, and from one address at all. */
export function throttle(perClient = 10, perAddress = 100): Throttle {
  const limits = [
    // the address first: one that is over its limit makes no further entries, of which names an attacker can make many
    { limiter: new RateLimiterMemory({ points: perAddress, duration: 60 }), keyOf: addressOf },
    { limiter: new RateLimiterMemory({ points: perClient, duration: 60 }), keyOf: pairOf },
  ];
  return {
    async before(attempt) {
      try {
        for (const { limiter, keyOf } of limits) await limiter.consume(keyOf(attempt));
        return undefined;
      } catch (limit) {
        if (!(limit instanceof RateLimiterRes)) throw limit;
        return limit.msBeforeNext / 1000;
      }
    },
    async after(attempt, outcome) {
      if (outcome === 'refused') return;
      for (const { limiter, keyOf } of limits) await limiter.reward(keyOf(attempt)); // it was no guess
    },
  };
}

const pairOf = ({ clientID, address }: AuthenticationAttempt): string => JSON.stringify([clientID, address]);
const addressOf = ({ address }: AuthenticationAttempt): string => address;
