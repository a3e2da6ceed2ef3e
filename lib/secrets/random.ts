import { randomFillSync } from 'node:crypto';
import { erase } from './erase.js';

/**
 * Only for speed: random bytes that were drawn in advance. One call of the system's generator for many secrets takes a tenth of the time of one call per
 * secret.
 */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Takes unused bytes of the pool. @returns where they begin */
function draw(bytes: number): number {
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

/** Random bytes in base64url. They are erased from the pool. @param bytes how many @example const voucher = random(32); */
export function random(bytes: number): string {
  const start = draw(bytes);
  const drawn = pool.toString('base64url', start, start + bytes);
  erase(pool, start, start + bytes);
  return drawn;
}
