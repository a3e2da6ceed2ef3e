/** RFC 6749 appendix A: VSCHAR. */
export const VISIBLE = /^[\x20-\x7e]+$/;

/**
 * For codes and tokens that an application has made.
 *
 * @param what the message names it
 * @throws TypeError for what is no text, or has other characters. @see RFC 6749 §A.11, §A.12, §A.17
 */
export function requireVisible(what: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw new TypeError(`${what} must be a string`);
  if (!VISIBLE.test(value)) throw new TypeError(`${what} must have visible ASCII characters and spaces alone`);
}
