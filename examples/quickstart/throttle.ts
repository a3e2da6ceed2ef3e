/** Limits guesses of clients' secrets. With several processes, use RateLimiterRedis or RateLimiterPostgres. */
import type { AuthenticationAttempt, Throttle } from 'koauthorize/client-auth';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/**
 * @param perClient wrong secrets of one client from one address in a minute
 * @param perAddress wrong secrets from one address in a minute
 */
export function throttle(perClient = 10, perAddress = 100): Throttle {
  const address = new RateLimiterMemory({ points: perAddress, duration: 60 });
  const pair = new RateLimiterMemory({ points: perClient, duration: 60 });
  return {
    async before(attempt) {
      try {
        // the address is counted first: an address over its limit adds no entries for clients, whose names an attacker can invent
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
      await address.reward(attempt.address); // it was not a guess; guesses of others from this address still count
      if (outcome === 'authenticated') await pair.delete(pairOf(attempt));
      else await pair.reward(pairOf(attempt));
    },
  };
}

const pairOf = ({ clientID, address }: AuthenticationAttempt): string => JSON.stringify([clientID, address]);
