/** Times in JWTs. @see RFC 7519 §2: NumericDate */
import type { Claims } from '../types.js';

const TIMES = ['iat', 'nbf', 'exp'] as const;

/**
 * The name of the first time of a JWT that is not a number. JavaScript would compare a text or a list as a number, and JSON writes null for NaN and
 * Infinity: such a token would never expire.
 */
export function wrongTimeIn(claims: Claims): string | undefined {
  return TIMES.find((name) => claims[name] !== undefined && !Number.isFinite(claims[name]));
}
