/** Limits guesses of passwords and of clients' secrets. With several processes, use RateLimiterRedis or RateLimiterPostgres. */
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { AuthenticationAttempt, Throttle } from 'koauthorize/client-auth';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** IPv6 addresses are counted by their network of 64 bits, since somebody who has one address of it usually has all 2^64. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/s, ''); // an IPv4 address in the form of IPv6; a zone (RFC 4007 §11)
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const [first, last] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean)) as [string[], string[]];
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - first.length - last.length }, () => '0');
  return [...first, ...zeros, ...last].slice(0, 4).join(':');
}

/** The key of a count. It is a hash, so that long names, which any stranger can send, do not fill the memory. */
function keyOf(...counted: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(counted)).digest('base64url');
}

export interface GuessLimit {
  /**
   * Counts an attempt before its result is known, so that concurrent attempts count, too.
   *
   * @returns seconds to wait, if there were too many
   */
  count(name: string, address: string): Promise<number | undefined>;
  /** Takes one counted attempt back, because it was not a guess. */
  takeBack(name: string, address: string): Promise<void>;
  /** Forgets the wrong guesses for a name whose owner has logged in. Guesses of other names from this address still count. */
  forget(name: string, address: string): Promise<void>;
}

/**
 * @param perName wrong guesses for one name from one address in a minute
 * @param perAddress wrong guesses from one address in a minute
 */
export function guessLimit(perName = 10, perAddress = 100): GuessLimit {
  const addresses = new RateLimiterMemory({ points: perAddress, duration: 60 });
  const pairs = new RateLimiterMemory({ points: perName, duration: 60 });
  const addressOf = (address: string): string => keyOf(networkOf(address));
  const pairOf = (name: string, address: string): string => keyOf(name, networkOf(address));
  return {
    async count(name, address) {
      try {
        // the address is counted first: an address over its limit adds no entries for names, which an attacker can invent
        await addresses.consume(addressOf(address));
        await pairs.consume(pairOf(name, address));
        return undefined;
      } catch (limit) {
        if (!(limit instanceof RateLimiterRes)) throw limit;
        return Math.max(1, Math.ceil(limit.msBeforeNext / 1000));
      }
    },
    async takeBack(name, address) {
      await addresses.reward(addressOf(address));
      await pairs.reward(pairOf(name, address));
    },
    async forget(name, address) {
      await addresses.reward(addressOf(address));
      await pairs.delete(pairOf(name, address));
    },
  };
}

/** For `clientAuthentication()`. */
export function throttle(perClient?: number, perAddress?: number): Throttle {
  const limit = guessLimit(perClient, perAddress);
  return {
    before: ({ clientID, address }: AuthenticationAttempt) => limit.count(clientID, address),
    async after({ clientID, address }, outcome) {
      if (outcome === 'authenticated') await limit.forget(clientID, address);
      else if (outcome !== 'refused') await limit.takeBack(clientID, address);
    },
  };
}
