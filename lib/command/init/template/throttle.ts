/** The limits of guesses of a new project. */
export const throttle = `/** Limits guesses of passwords and of clients' secrets. With several processes, use RateLimiterRedis or RateLimiterPostgres. */
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
⟦import type { Throttle } from 'koauthorize/client-auth';
⟧import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** IPv6 addresses are counted by their network of 64 bits, since somebody who has one address of it usually has all 2^64. */
function networkOf(address⟦: string⟧)⟦: string⟧ {
  const plain = address.replace(/^::ffff:(?=[\\d.]+$)/i, '').replace(/%.*$/s, ''); // an IPv4 address in the form of IPv6; a zone (RFC 4007 §11)
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = new URL(\`http://[\${plain}]\`).hostname.slice(1, -1).split('::');
  const first = head.split(':').filter(Boolean);
  const last = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - first.length - last.length }, () => '0');
  return [...first, ...zeros, ...last].slice(0, 4).join(':');
}

/** The key of a count. It is a hash, so that long names, which any stranger can send, do not fill the memory. */
function keyOf(...counted⟦: readonly string[]⟧) {
  return createHash('sha256').update(JSON.stringify(counted)).digest('base64url');
}

/** The most wrong guesses in a minute: for one name from one address, and for all names from one address. */
const [PER_NAME, PER_ADDRESS] = [10, 100];

export function guessLimit() {
  const addresses = new RateLimiterMemory({ points: PER_ADDRESS, duration: 60 });
  const pairs = new RateLimiterMemory({ points: PER_NAME, duration: 60 });
  const addressOf = (address⟦: string⟧) => keyOf(networkOf(address));
  const pairOf = (name⟦: string⟧, address⟦: string⟧) => keyOf(name, networkOf(address));
  return {
    /** Counts an attempt before its result is known, so that concurrent attempts count, too. Returns the seconds to wait if there were too many. */
    async count(name⟦: string⟧, address⟦: string⟧)⟦: Promise<number | undefined>⟧ {
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
    /** Takes one counted attempt back, because it was not a guess. */
    async takeBack(name⟦: string⟧, address⟦: string⟧) {
      await addresses.reward(addressOf(address));
      await pairs.reward(pairOf(name, address));
    },
    /** Forgets the wrong guesses for a name whose owner has logged in. Guesses of other names from this address still count. */
    async forget(name⟦: string⟧, address⟦: string⟧) {
      await addresses.reward(addressOf(address));
      await pairs.delete(pairOf(name, address));
    },
  };
}

export function clientThrottle()⟦: Throttle⟧ {
  const limit = guessLimit();
  return {
    before: ({ clientID, address }) => limit.count(clientID, address),
    async after({ clientID, address }, outcome) {
      if (outcome === 'authenticated') await limit.forget(clientID, address);
      else if (outcome !== 'refused') await limit.takeBack(clientID, address);
    },
  };
}
`;
