/** What may be used once, and is not ours to make: the `jti` of an assertion. */
import { CLOCK_SKEW } from '../clock.js';
import type { Service } from './audit.js';
import { ephemeralRecord } from './ephemeral.js';

/**
 * Seconds for which a use is remembered beyond its end. The clocks of machines that share a store differ, and step back: this is longer than the
 * difference that is tolerated where assertions are judged.
 */
const REMEMBERED = 4 * CLOCK_SKEW;

/**
 * Tells exactly one caller that it is the first to use a key: whoever stores its record. It is stored as consumed, so that a process of 0.1.0 on
 * the same store, which stores it first and consumes it then, is not the first either.
 *
 * @see RFC 7523 §3 item 7
 */
export async function useOnce<C, U>({ settings }: Service<C, U>, key: string, expiresAt: number): Promise<boolean> {
  const now = settings.now();
  if (!(expiresAt > now && Number.isFinite(expiresAt))) return false; // could not be remembered
  const used = Object.assign(ephemeralRecord(key, null, expiresAt + REMEMBERED), { consumedAt: now });
  return settings.store.put([used], now);
}
