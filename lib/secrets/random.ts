import { randomFillSync } from 'node:crypto';
import { erase } from './erase.js';

/**
 * Only for speed: random bytes that were drawn in advance. One call of the system's generator for many secrets takes a tenth of the time of one call per
 * secret.
 */
const pool = Buffer.alloc(4096);
let used = pool.length;

/**
 * Takes unused bytes from the pool. If `bytes` were NaN, such as from an environment variable that is not set, `used` would stay NaN, and every later secret of
 * the process would be empty. If `bytes` were larger than the pool, a part of the secret would not be random.
 *
 * @returns the position of the first byte in the pool
 * @throws TypeError for a number that is not 1 to 4,096
 */
function draw(bytes: number): number {
  if (!(Number.isSafeInteger(bytes) && bytes > 0 && bytes <= pool.length))
    throw new TypeError(`random() makes 1 to ${pool.length} bytes, not ${bytes}`);
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return used - bytes;
}

/** Writes random bytes into a buffer. @param bytes how many */
export function writeRandom(target: Buffer, at: number, bytes: number): void {
  const start = draw(bytes);
  pool.copy(target, at, start, start + bytes);
  erase(pool, start, start + bytes);
}

/** Random bytes in base64url. They are erased from the pool. @param bytes how many: 1 to 4,096 @throws TypeError @example const voucher = random(32); */
export function random(bytes: number): string {
  const start = draw(bytes);
  const drawn = pool.toString('base64url', start, start + bytes);
  erase(pool, start, start + bytes);
  return drawn;
}
