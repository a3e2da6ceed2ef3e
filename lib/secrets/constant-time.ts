import { hash, timingSafeEqual } from 'node:crypto';
import { erase } from './erase.js';

/** Bytes of the two buffers. Longer texts are compared by their hashes. */
const WIDTH = 256;

const left = Buffer.alloc(WIDTH);
const right = Buffer.alloc(WIDTH);

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= WIDTH;
}

/**
 * Compares two texts in a time that depends on neither: both are copied into buffers of a fixed size.
 *
 * @example const isRight = equalInConstantTime(clientSecret, secret);
 */
export function equalInConstantTime(one: string, other: string): boolean {
  if (!fits(one) || !fits(other)) return equalInConstantTime(hash('sha256', one), hash('sha256', other));
  const isAsLong = left.write(one) === right.write(other);
  const isEqual = timingSafeEqual(left, right);
  erase(left, 0, WIDTH); // the next text may be shorter: no rest of this text must remain behind it
  erase(right, 0, WIDTH);
  return isEqual && isAsLong;
}
