import { hash } from 'node:crypto';
import { epoch } from '../../clock.js';
import type { AccessToken } from '../../resource-server/access-token.js';

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

/** A good answer, and when it was asked for: what it says may have ended at any time since. */
interface Known {
  readonly found: AccessToken;
  readonly asked: number;
}

/** The newest good answers, at most so many; the oldest goes first. */
function answersKept(cacheSize: number) {
  const kept = new Map<string, Known>();
  return {
    get: (key: string) => kept.get(key),
    drop: (key: string) => kept.delete(key),
    keep(key: string, known: Known): void {
      const [oldest] = kept.keys(); // a Map is in order of insertion
      if (kept.size >= cacheSize && oldest !== undefined) kept.delete(oldest);
      kept.set(key, known);
    },
  };
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
  const answers = answersKept(cacheSize);
  const flights = new Map<string, Flight>();
  /** Whether what was asked then is as new as `cache` promises to who asks now. Nothing is, after a step back of the clock. */
  const isFresh = (asked: number): boolean => asked <= now() && now() < asked + cache;
  /** RFC 7662 §4: never beyond its expiry. */
  const counts = ({ found, asked }: Known): boolean =>
    isFresh(asked) && now() < (found.expiresAt ?? Number.POSITIVE_INFINITY);
  const fly = (key: string, token: string): Flight => {
    const flight: Flight = { asked: now(), answer: ask(token) };
    flights.set(key, flight);
    const land = (found: AccessToken | undefined): void => {
      if (flights.get(key) !== flight) return; // who asked since knows better
      flights.delete(key);
      if (found && counts({ found, asked: flight.asked })) answers.keep(key, { found, asked: flight.asked });
    };
    flight.answer.then(land, () => land(undefined));
    return flight;
  };
  return async (token) => {
    const key = keyOf(token);
    const known = answers.get(key);
    if (known && counts(known)) return known.found;
    answers.drop(key);
    const flight = flights.get(key);
    // a question from before this request may be answered with what was true then: `cache` bounds that as well, and 0 asks each time
    return (flight && isFresh(flight.asked) ? flight : fly(key, token)).answer;
  };
}
