/** Slows down who guesses clients' secrets. With several processes, take RateLimiterRedis or RateLimiterPostgres. */
import type { AuthenticationAttempt, Throttle } from 'koauthorize/client-auth';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Wrong guesses in a minute: of one client's secret from one address, and from one address at all. */
export function throttle(perClient = 10, perAddress = 100): Throttle {
  const address = new RateLimiterMemory({ points: perAddress, duration: 60 });
  const pair = new RateLimiterMemory({ points: perClient, duration: 60 });
  return {
    async before(attempt) {
      try {
        // the address first: one that is over its limit makes no further entries, of which names an attacker can make many
        await address.consume(attempt.address);
        await pair.consume(pairOf(attempt));
        return undefined;
      } catch (limit) {
        if (!(limit instanceof RateLimiterRes)) throw limit;
        return limit.msBeforeNext / 1000;
      }
    },
    async after(attempt, outcome) {
      if (outcome === 'refused') return;
      await address.reward(attempt.address); // it was no guess; what others did from there still counts
      if (outcome === 'authenticated') await pair.delete(pairOf(attempt));
      else await pair.reward(pairOf(attempt));
    },
  };
}

const pairOf = ({ clientID, address }: AuthenticationAttempt): string => JSON.stringify([clientID, address]);
