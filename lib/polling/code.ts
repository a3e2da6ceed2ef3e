/** The code by which a client asks for its tokens until its user has decided, and what is kept in place of it. */
import { createHash } from 'node:crypto';
import { random } from '../secrets/random.js';

/** RFC 8628 §5.2, CIBA §7.3: impossible to guess. In bytes. */
const RANDOM_BYTES = 32;

/**
 * A new code. It says when it ends, so that its client is told `expired_token` without a look at the store. A code that somebody has changed is unknown.
 *
 * @param expiresAt epoch seconds
 */
export function newCode(expiresAt: number): string {
  return `${random(RANDOM_BYTES)}.${Math.floor(expiresAt).toString(36)}`; // of the characters that CIBA §7.3 allows
}

/** Epoch seconds at which a code ends, as it says itself. NaN for what is no code. */
export function endOfCode(code: string): number {
  return Number.parseInt(code.split('.')[1] ?? '', 36);
}

/** What a request is kept under: nobody learns a code from the store. */
export function idOfCode(code: string): string {
  return createHash('sha256').update(code).digest('base64url');
}
