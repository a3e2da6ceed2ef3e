/**
 * Limits on guesses of passwords and client secrets, and on what strangers can make this server store or fetch. The limits are here; the counters are in the
 * storage, for all processes.
 */
import { createHmac } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Middleware } from 'koa';
import { OAuth2Error } from 'koauthorize';
import type { Throttle } from 'koauthorize/client-auth';
import type { Storage } from './storage/index.js';
import { COUNTERS, type Limit, type Limiter } from './storage/limiters.js';

/** Limits on wrong guesses. The limit for a user name alone is the highest, so that an attacker cannot easily lock a user out from elsewhere. */
export const LIMITS = {
  userAtAddress: { name: 'user_at_address', points: 10, seconds: 900 },
  address: { name: 'address', points: 100, seconds: 900 },
  user: { name: 'user', points: 300, seconds: 900 },
  /** All attempts, right or wrong: each computes a password hash, which takes 19 MB. */
  attempts: { name: 'attempts', points: 100, seconds: 900 },
  /**
   * Wrong answers to questions for a passkey, also for a new one, of a user at an address. Each costs a stored challenge and the verification of a signature.
   */
  passkeys: { name: 'passkeys', points: 30, seconds: 900 },
  clientAtAddress: { name: 'client_at_address', points: 10, seconds: 60 },
  /** Authorization requests of an address. Each is stored for minutes, and may name a client whose document is fetched. */
  authorizations: { name: 'authorizations', points: 600, seconds: 300 },
  /** Pushed authorization requests of an address. A client without a secret, or with a document, may be a stranger, too. */
  pushed: { name: 'pushed', points: 600, seconds: 300 },
  /** Device authorization requests of an address. Each is stored for minutes. */
  devices: { name: 'devices', points: 60, seconds: 300 },
  /** Requests to register a client, of an address. */
  registrations: { name: 'registrations', points: 20, seconds: 3600 },
  clientsAddress: { name: 'clients_address', points: 100, seconds: 60 },
} satisfies Record<string, Limit>;

/** The name that an attempt is for, and the address that it comes from. */
export interface Attempt {
  readonly who: string;
  readonly address: string;
}

export class TooManyAttemptsError extends Error {
  override name = 'TooManyAttemptsError';
  /** The members that Koa and the toolkit read. */
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

/** Counts an attempt before its result is known, so that concurrent attempts count too. @returns seconds to wait, if any */
async function count(counters: readonly Counter[], attempt: Attempt): Promise<number | undefined> {
  for (const { limiter, numberOf } of counters) {
    const wait = await limiter.count(numberOf(attempt));
    if (wait !== undefined) return Math.max(1, Math.ceil(wait)); // a refused attempt does not count for the other limits
  }
  return undefined;
}

async function takeBack(counters: readonly Counter[], attempt: Attempt): Promise<void> {
  for (const { limiter, numberOf } of counters) await limiter.takeBack(numberOf(attempt));
}

/** IPv6 addresses are counted by their /64 network, since somebody who has one address of it usually has all 2^64. */
function networkOf(address: string): string {
  const v4 = address.replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/s, ''); // RFC 4007 §11: an interface of this machine
  if (!isIPv6(v4)) return v4;
  const [head = '', tail = ''] = new URL(`http://[${v4}]`).hostname.slice(1, -1).split('::');
  const groups = [head, tail].map((part) => part.split(':').filter(Boolean));
  const [first = [], last = []] = groups;
  const missing = v4.includes('::') ? Array.from({ length: 8 - first.length - last.length }, () => '0') : [];
  return [...first, ...missing, ...last].slice(0, 4).join(':');
}

/**
 * The counter of a name or address, chosen by a hash. There is no counter for each name, since an attacker can invent any number of names. Two
 * names with the same counter share their wrong guesses. The secret prevents an attacker from finding a name or address that shares the
 * counter of a victim.
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

/** Runs a check, such as that of a password, within the limits. @throws TooManyAttemptsError */
export type Guard = <T>(attempt: Attempt, check: () => Promise<T | undefined>) => Promise<T | undefined>;

/** @param wrong the counters that do not count successful attempts */
function guarding(counters: readonly Counter[], wrong: readonly Counter[]): Guard {
  return async (attempt, check) => {
    const wait = await count(counters, attempt);
    if (wait !== undefined) throw new TooManyAttemptsError(wait);
    const found = await check();
    if (found !== undefined) await takeBack(wrong, attempt);
    return found;
  };
}

/**
 * The guard for answers to passkey questions. They are not counted by address alone, since only logged-in users can answer.
 *
 * @param secret the same for all processes
 */
export function passkeyGuard(storage: Storage, secret: string): Guard {
  const counters = [{ limiter: storage.limiter(LIMITS.passkeys), numberOf: numbers(secret).both }];
  return guarding(counters, counters);
}

/** @param secret the same for all processes */
export function passwordGuard(storage: Storage, secret: string): Guard {
  const { both, address, who } = numbers(secret);
  // The limit of the address comes first: above it, an attempt costs nothing more, whatever its user name
  const first: Counter = { limiter: storage.limiter(LIMITS.address), numberOf: address };
  const attempts: Counter = { limiter: storage.limiter(LIMITS.attempts), numberOf: both };
  const wrong: readonly Counter[] = [
    { limiter: storage.limiter(LIMITS.userAtAddress), numberOf: both },
    { limiter: storage.limiter(LIMITS.user), numberOf: who },
  ];
  return guarding([first, attempts, ...wrong], [first, ...wrong]); // a successful login does not count
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
      // A success resets no counter: an attacker whose own client shares the counter of a victim could otherwise guess without limit
      if (outcome !== 'refused') await takeBack(counters, { who: clientID, address });
    },
  };
}

/** Middleware that limits the requests of an address to endpoints that anybody may call. */
export interface StrangerLimits {
  /** For people: answers with an error page, as the login does. */
  readonly authorizations: Middleware;
  readonly pushed: Middleware;
  readonly devices: Middleware;
  readonly registrations: Middleware;
}

/** @param secret the same for all processes */
export function strangerLimits(storage: Storage, secret: string): StrangerLimits {
  const { address: numberOf } = numbers(secret);
  const before = (limit: Limit, refuse: (cause: TooManyAttemptsError) => Error): Middleware => {
    const counter: Counter = { limiter: storage.limiter(limit), numberOf };
    return async (ctx, next) => {
      const retryAfter = await count([counter], { who: '', address: ctx.ip });
      if (retryAfter === undefined) return next();
      throw refuse(new TooManyAttemptsError(retryAfter));
    };
  };
  const forPrograms = (cause: TooManyAttemptsError): Error =>
    new OAuth2Error('Too many requests', 'temporarily_unavailable', undefined, 429, { cause });
  return {
    authorizations: before(LIMITS.authorizations, (tooMany) => tooMany),
    pushed: before(LIMITS.pushed, forPrograms), // RFC 9126 §2.3: 429
    devices: before(LIMITS.devices, forPrograms),
    registrations: before(LIMITS.registrations, forPrograms),
  };
}
