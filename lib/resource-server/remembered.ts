import { hash } from 'node:crypto';
import { epoch } from '../http/clock.js';
import type { AccessToken } from './access-token.js';

type Ask = (token: string) => Promise<AccessToken | undefined>;

export interface CacheOptions {
  /** Seconds for which a good answer is kept: a revocation is noticed that late. Default 10; 0 asks every time. */
  readonly cache?: number;
  /** How many answers are kept at most; the oldest goes first. Default 1,000. */
  readonly cacheSize?: number;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/** @throws TypeError */
function requireSensible(cache: number, cacheSize: number): void {
  if (!(cache >= 0 && cache < Number.POSITIVE_INFINITY))
    throw new TypeError(`cache is a number of seconds, not ${cache}`);
  if (!(Number.isSafeInteger(cacheSize) && cacheSize > 0))
    throw new TypeError(`cacheSize is a number, not ${cacheSize}`);
}

/** What is kept is kept under the token's SHA-256: what is in memory cannot be presented. */
function keyOf(token: string): string {
  return hash('sha256', token, 'base64url');
}

/**
 * Asks once about a token, however many requests bring it at that moment, and keeps a good answer for a while; no bad one, and no
 * failure.
 *
 * @throws TypeError for options that cannot be
 * @see RFC 7662 §4
 */
export function remembered(ask: Ask, options: CacheOptions): Ask {
  const { cache = 10, cacheSize = 1000, now = epoch } = options;
  requireSensible(cache, cacheSize);
  const kept = new Map<string, { readonly found: AccessToken; readonly asked: number; readonly until: number }>();
  const flights = new Map<string, ReturnType<Ask>>();
  const keep = (key: string, found: AccessToken, asked: number): void => {
    // RFC 7662 §4: never beyond its expiry
    const until = Math.min(asked + cache, found.expiresAt ?? Number.POSITIVE_INFINITY);
    if (now() >= until) return;
    const [oldest] = kept.keys(); // a Map is in order of insertion
    if (kept.size >= cacheSize && oldest !== undefined) kept.delete(oldest);
    kept.set(key, { found, asked, until });
  };
  const fly = async (key: string, token: string): ReturnType<Ask> => {
    const asked = now(); // what the answer says may have ended at any time since
    try {
      const found = await ask(token);
      if (found) keep(key, found, asked);
      return found;
    } finally {
      flights.delete(key);
    }
  };
  return async (token) => {
    const key = keyOf(token);
    const known = kept.get(key);
    if (known && known.asked <= now() && now() < known.until) return known.found; // and none that a clock's step back keeps
    kept.delete(key);
    const flight = flights.get(key) ?? fly(key, token);
    flights.set(key, flight);
    return flight;
  };
}
