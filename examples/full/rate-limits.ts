/** How often one may guess: passwords, and secrets of clients. The numbers are here; the counting is in the storage, for all processes. */
import { isIPv6 } from 'node:net';
import type { Throttle } from 'koauthorize/client-auth';
import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import { keyOf, type Limit, type Storage, unavailable } from './storage/index.js';

/** Wrong guesses. One's own user name must not be locked by anyone anywhere, so that it alone has the highest number. */
export const LIMITS = {
  userAtAddress: { name: 'user_at_address', points: 10, seconds: 900 },
  address: { name: 'address', points: 100, seconds: 900 },
  user: { name: 'user', points: 300, seconds: 900 },
  /** Right or wrong: each costs a hash of 19 MB. */
  attempts: { name: 'attempts', points: 100, seconds: 900 },
  clientAtAddress: { name: 'client_at_address', points: 10, seconds: 60 },
  clientsAddress: { name: 'clients_address', points: 100, seconds: 60 },
} satisfies Record<string, Limit>;

/** Who guesses, and from where. */
export interface Attempt {
  readonly who: string;
  readonly address: string;
}

export class TooManyAttemptsError extends Error {
  override name = 'TooManyAttemptsError';
  /** Koa's and the toolkit's words for it. */
  readonly status = 429;
  readonly retryAfter: number;

  /** @param retryAfter seconds */
  constructor(retryAfter: number) {
    super('Too many attempts');
    this.retryAfter = retryAfter;
  }
}

interface Counter {
  readonly limiter: RateLimiterAbstract;
  keyOf(attempt: Attempt): string;
}

/** Counts before it is known whether the guess is right, so that many at once are counted, too. @returns seconds to wait, if any */
async function count(counters: readonly Counter[], attempt: Attempt): Promise<number | undefined> {
  try {
    for (const { limiter, keyOf } of counters) await limiter.consume(keyOf(attempt));
    return undefined;
  } catch (limit) {
    if (!(limit instanceof RateLimiterRes)) throw unavailable(limit);
    return Math.max(1, Math.ceil(limit.msBeforeNext / 1000));
  }
}

async function takeBack(counters: readonly Counter[], attempt: Attempt): Promise<void> {
  for (const { limiter, keyOf } of counters) await limiter.reward(keyOf(attempt));
}

/** Whoever has one address of IPv6 has the other 2^64 of its network. */
function networkOf(address: string): string {
  const v4 = address.replace(/^::ffff:(?=[\d.]+$)/i, '');
  if (!isIPv6(v4)) return v4;
  const [head = '', tail = ''] = new URL(`http://[${v4}]`).hostname.slice(1, -1).split('::');
  const groups = [head, tail].map((part) => part.split(':').filter(Boolean));
  const [first = [], last = []] = groups;
  const missing = v4.includes('::') ? Array.from({ length: 8 - first.length - last.length }, () => '0') : [];
  return [...first, ...missing, ...last].slice(0, 4).join(':');
}

const both = ({ who, address }: Attempt): string => keyOf('both', who, networkOf(address));
const address = (attempt: Attempt): string => keyOf('address', networkOf(attempt.address));
const who = (attempt: Attempt): string => keyOf('who', attempt.who);

/** Runs a check of somebody's password. @throws TooManyAttemptsError */
export type Guard = <T>(attempt: Attempt, check: () => Promise<T | undefined>) => Promise<T | undefined>;

export function passwordGuard(storage: Storage): Guard {
  const counters: readonly Counter[] = [
    // first: over its limit, an address makes no further entries of names, which an attacker can make up
    { limiter: storage.limiter(LIMITS.address), keyOf: address },
    { limiter: storage.limiter(LIMITS.userAtAddress), keyOf: both },
    { limiter: storage.limiter(LIMITS.user), keyOf: who },
  ];
  const attempts = [{ limiter: storage.limiter(LIMITS.attempts), keyOf: both }];
  return async (attempt, check) => {
    const wait = (await count(attempts, attempt)) ?? (await count(counters, attempt));
    if (wait !== undefined) throw new TooManyAttemptsError(wait);
    const found = await check();
    if (found !== undefined) await takeBack(counters, attempt); // it was no guess
    return found;
  };
}

/** For clientAuthentication. */
export function clientThrottle(storage: Storage): Throttle {
  const counters: readonly Counter[] = [
    { limiter: storage.limiter(LIMITS.clientsAddress), keyOf: address },
    { limiter: storage.limiter(LIMITS.clientAtAddress), keyOf: both },
  ];
  return {
    before: ({ clientID, address }) => count(counters, { who: clientID, address }),
    async after({ clientID, address }, outcome) {
      if (outcome !== 'refused') await takeBack(counters, { who: clientID, address });
    },
  };
}
