/** The machine's clock, as the protocol tells time: in epoch seconds. @see RFC 7519 §2 */
export function epoch(): number {
  return Math.floor(Date.now() / 1000);
}

/**
 * Seconds by which the clocks of two machines may differ: the one tolerance of this package. Whatever must be remembered so that it cannot be
 * used again is remembered for longer than this. @see RFC 7519 §4.1.4
 */
export const CLOCK_SKEW = 30;
