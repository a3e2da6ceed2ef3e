import { hash } from 'node:crypto';
import { epoch } from '../http/clock.js';
import type { AccessToken } from './access-token.js';

type Ask = (token: string) => Promise<AccessToken | undefined>;

export interface CacheOptions {
  /** Seconds by which a good answer may be old when a request is let in by it: a revocation is noticed that late. Default 10; 0 asks about every request. */
  readonly cache?: number;
  /** How many answers are kept at most; the oldest goes first. Default 1,000. */
  readonly cacheSize?: number;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/** A question under way. */
interface Flight {
  /** Epoch seconds. */
  readonly asked: number;
  readonly answer: ReturnType<Ask>;
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
 * Asks once about a token, however many requests bring it within `cache` seconds, and keeps a good answer for as long; no bad one, and
 * no failure.
 *
 * @throws TypeError for options that cannot be
 * @see RFC 7662 §4
 */
export function remembered(ask: Ask, options: CacheOptions): Ask {
  const { cache = 10, cacheSize = 1000, now = epoch } = options;
  requireSensible(cache, cacheSize);
  const kept = new Map<string, { readonly found: AccessToken; readonly asked: number; readonly until: number }>();
  const flights = new Map<string, Flight>();
  /** Whether what was asked then is as new as `cache` promises to who asks now. Nothing is, after a step back of the clock. */
  const isFresh = (asked: number): boolean => asked <= now() && now() < asked + cache;
  const keep = (key: string, found: AccessToken, asked: number): void => {
    // RFC 7662 §4: never beyond its expiry
    const until = Math.min(asked + cache, found.expiresAt ?? Number.POSITIVE_INFINITY);
    if (now() >= until) return;
    const [oldest] = kept.keys(); // a Map is in order of insertion
    if (kept.size >= cacheSize && oldest !== undefined) kept.delete(oldest);
    kept.set(key, { found, asked, until });
  };
  const fly = (key: string, token: string): Flight => {
    const asked = now(); // what the answer says may have ended at any time since
    const isNewest = (): boolean => flights.get(key) === flight;
    const land = async (): ReturnType<Ask> => {
      try {
        const found = await ask(token);
        if (found && isNewest()) keep(key, found, asked);
        return found;
      } finally {
        if (isNewest()) flights.delete(key);
      }
    };
    const flight: Flight = { asked, answer: Promise.resolve().then(land) };
    flights.set(key, flight);
    return flight;
  };
  return async (token) => {
    const key = keyOf(token);
    const known = kept.get(key);
    if (known && isFresh(known.asked) && now() < known.until) return known.found;
    kept.delete(key);
    const flight = flights.get(key);
    // a question from before this request may be answered with what was true then: `cache` bounds that as well, and 0 asks each time
    return (flight && isFresh(flight.asked) ? flight : fly(key, token)).answer;
  };
}
