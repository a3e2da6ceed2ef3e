/** Counts, instead of timing, how often items of long lists are compared. */

/** Shorter lists are the server's own. */
const LONG = 100;

/** @returns how many items `includes` and `indexOf` of long arrays have looked at meanwhile */
export async function comparisonsOf(work: () => Promise<unknown>): Promise<number> {
  const { includes, indexOf } = Array.prototype;
  let count = 0;
  Array.prototype.indexOf = function (this: unknown[], ...args: [unknown, number?]) {
    const found = indexOf.apply(this, args);
    if (this.length > LONG) count += found < 0 ? this.length : found + 1;
    return found;
  };
  Array.prototype.includes = function (this: unknown[], ...args: [unknown, number?]) {
    return Array.prototype.indexOf.apply(this, args) >= 0;
  };
  try {
    await work();
  } finally {
    Object.assign(Array.prototype, { includes, indexOf });
  }
  return count;
}
