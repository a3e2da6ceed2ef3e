/** Values that may be used once and that others make, such as the `jti` of an assertion. */
import { CLOCK_SKEW } from '../clock.js';
import type { EphemeralStore } from '../plugs.js';

/**
 * Seconds for which a use is remembered after the value has expired. The clocks of machines that share a store differ, and may step back: this is longer
 * than the difference that is tolerated when assertions are judged.
 */
const REMEMBERED = 4 * CLOCK_SKEW;

/**
 * Resolves to `true` for exactly one caller with the same key: the one that stores it.
 *
 * @see RFC 7523 §3 item 7
 */
export async function useOnce(
  ephemeral: EphemeralStore,
  now: number,
  key: string,
  expiresAt: number,
): Promise<boolean> {
  if (!(expiresAt > now && Number.isFinite(expiresAt))) return false; // such a use could not be remembered, and so is refused
  return ephemeral.add(key, undefined, expiresAt + REMEMBERED);
}
