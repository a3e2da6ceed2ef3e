/** How often one may guess: passwords, and secrets of clients. The numbers are here; the counting is in the storage, for all processes. */
import { createHmac } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Throttle } from 'koauthorize/client-auth';
import type { Storage } from './storage/index.js';
import { COUNTERS, type Limit, type Limiter } from './storage/limiters.js';

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
  readonly limiter: Limiter;
  numberOf(attempt: Attempt): number;
}

/** Counts before it is known whether the guess is right, so that many at once are counted, too. @returns seconds to wait, if any */
async function count(counters: readonly Counter[], attempt: Attempt): Promise<number | undefined> {
  for (const { limiter, numberOf } of counters) {
    const wait = await limiter.count(numberOf(attempt));
    if (wait !== undefined) return Math.max(1, Math.ceil(wait)); // nothing more is counted for who waits
  }
  return undefined;
}

async function takeBack(counters: readonly Counter[], attempt: Attempt): Promise<void> {
  for (const { limiter, numberOf } of counters) await limiter.takeBack(numberOf(attempt));
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

/**
 * Which of the counters is somebody's: by a hash, and not one for each name, of which anyone can make up any number. Two who share a counter
 * share their wrong guesses. The secret keeps an attacker from finding a name, or an address, that shares the counter of a victim.
 */
function numbers(secret: string) {
  const numberOf = (...parts: readonly string[]): number =>
    createHmac('sha256', secret).update(JSON.stringify(parts)).digest().readUInt32BE() % COUNTERS;
  return {
    both: ({ who, address }: Attempt) => numberOf('both', who, networkOf(address)),
    address: ({ address }: Attempt) => numberOf('address', networkOf(address)),
    who: ({ who }: Attempt) => numberOf('who', who),
  };
}

/** Runs a check of somebody's password. @throws TooManyAttemptsError */
export type Guard = <T>(attempt: Attempt, check: () => Promise<T | undefined>) => Promise<T | undefined>;

/** @param secret the same for all processes */
export function passwordGuard(storage: Storage, secret: string): Guard {
  const { both, address, who } = numbers(secret);
  // first: whoever is over the limit of the address costs nothing more, whatever names come from there
  const first: Counter = { limiter: storage.limiter(LIMITS.address), numberOf: address };
  const attempts: Counter = { limiter: storage.limiter(LIMITS.attempts), numberOf: both };
  const wrong: readonly Counter[] = [
    { limiter: storage.limiter(LIMITS.userAtAddress), numberOf: both },
    { limiter: storage.limiter(LIMITS.user), numberOf: who },
  ];
  return async (attempt, check) => {
    const wait = await count([first, attempts, ...wrong], attempt);
    if (wait !== undefined) throw new TooManyAttemptsError(wait);
    const found = await check();
    if (found !== undefined) await takeBack([first, ...wrong], attempt); // it was no guess
    return found;
  };
}

/** For clientAuthentication. @param secret the same for all processes */
export function clientThrottle(storage: Storage, secret: string): Throttle {
  const { both, address } = numbers(secret);
  const counters: readonly Counter[] = [
    { limiter: storage.limiter(LIMITS.clientsAddress), numberOf: address },
    { limiter: storage.limiter(LIMITS.clientAtAddress), numberOf: both },
  ];
  return {
    before: ({ clientID, address }) => count(counters, { who: clientID, address }),
    async after({ clientID, address }, outcome) {
      // no success forgets a counter: each is shared, and whoever has a client of his own that shares one could guess without end
      if (outcome !== 'refused') await takeBack(counters, { who: clientID, address });
    },
  };
}
