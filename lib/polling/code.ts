/** The code with which a client polls for its tokens until its user has decided, and the identifier under which the request is stored. */
import { createHash } from 'node:crypto';
import { random } from '../secrets/random.js';

/** In bytes. RFC 8628 §5.2, CIBA §7.3: the code must be impossible to guess. */
const RANDOM_BYTES = 32;

/**
 * Makes a code. It contains the time at which it expires, so that a late client gets `expired_token` without a query to the store. If somebody changes that
 * time, the code is unknown.
 *
 * @param expiresAt epoch seconds
 */
export function newCode(expiresAt: number): string {
  return `${random(RANDOM_BYTES)}.${Math.floor(expiresAt).toString(36)}`; // only characters that CIBA §7.3 allows
}

/** The time that a code contains: when it expires, in epoch seconds. NaN for a malformed code. */
export function endOfCode(code: string): number {
  return Number.parseInt(code.split('.')[1] ?? '', 36);
}

/** The identifier under which a request is stored: its hash, so that the store does not reveal the code. */
export function idOfCode(code: string): string {
  return createHash('sha256').update(code).digest('base64url');
}
