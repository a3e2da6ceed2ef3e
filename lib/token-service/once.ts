/** What may be used once, and is not ours to make: the `jti` of an assertion. */
import { CLOCK_SKEW } from '../clock.js';
import type { EphemeralStore } from '../plugs.js';

/**
 * Seconds for which a use is remembered beyond its end. The clocks of machines that share a store differ, and step back: this is longer than the
 * difference that is tolerated where assertions are judged.
 */
const REMEMBERED = 4 * CLOCK_SKEW;

/**
 * Tells exactly one caller that it is the first to use a key: whoever stores it.
 *
 * @see RFC 7523 §3 item 7
 */
export async function useOnce(
  ephemeral: EphemeralStore,
  now: number,
  key: string,
  expiresAt: number,
): Promise<boolean> {
  if (!(expiresAt > now && Number.isFinite(expiresAt))) return false; // could not be remembered
  return ephemeral.add(key, undefined, expiresAt + REMEMBERED);
}
