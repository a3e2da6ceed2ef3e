import { randomFillSync } from 'node:crypto';

/** One call of the system's generator for many secrets: a tenth of the time of one each. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Has the next bytes of the pool read, which then are nowhere else. */
function draw<T>(bytes: number, read: (start: number, end: number) => T): T {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const end = used + bytes;
  const drawn = read(used, end);
  pool.fill(0, used, end);
  used = end;
  return drawn;
}

/** So many random bytes in base64url. */
export function random(bytes: number): string {
  return draw(bytes, (start, end) => pool.toString('base64url', start, end));
}

/** So many random bytes as they are. */
export function randomBuffer(bytes: number): Buffer {
  return draw(bytes, (start, end) => Buffer.from(pool.subarray(start, end)));
}
