import { randomFillSync } from 'node:crypto';

/** One call of the system's generator for many secrets: a tenth of the time of one each. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Where the next bytes begin. */
function draw(bytes: number): number {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const start = used;
  used += bytes;
  return start;
}

/** So many random bytes in base64url, which then are nowhere else. */
export function random(bytes: number): string {
  const start = draw(bytes);
  const drawn = pool.toString('base64url', start, start + bytes);
  pool.fill(0, start, start + bytes);
  return drawn;
}

/** So many random bytes as they are, which then are nowhere else. */
export function randomBuffer(bytes: number): Buffer {
  const start = draw(bytes);
  const drawn = Buffer.from(pool.subarray(start, start + bytes));
  pool.fill(0, start, start + bytes);
  return drawn;
}
