import { hash, timingSafeEqual } from 'node:crypto';

/** Bytes of the two buffers. Longer texts are compared by their hashes. */
const WIDTH = 256;

const left = Buffer.alloc(WIDTH);
const right = Buffer.alloc(WIDTH);

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= WIDTH;
}

/** Compares two texts in a time that depends on neither: both are copied into buffers of a fixed size. @example const isRight = equalInConstantTime(clientSecret, secret); */
export function equalInConstantTime(one: string, other: string): boolean {
  if (!fits(one) || !fits(other)) return equalInConstantTime(hash('sha256', one), hash('sha256', other));
  const isAsLong = left.write(one) === right.write(other);
  const isEqual = timingSafeEqual(left, right);
  left.fill(0); // no secret stays in memory, and no rest of a longer text is compared next time
  right.fill(0);
  return isEqual && isAsLong;
}
