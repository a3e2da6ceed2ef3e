/** RFC 6749 appendix A: VSCHAR, one or more. */
export const VISIBLE = /^[\x20-\x7e]+$/;

/**
 * Checks a code or token that a callback of the application has made.
 *
 * @param what the name of the value, for the message
 * @throws TypeError for a value that is not a string, or has other characters
 * @see RFC 6749 §A.11, §A.12, §A.17
 */
export function requireVisible(what: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw new TypeError(`${what} must be a string`);
  if (!VISIBLE.test(value)) throw new TypeError(`${what} must have visible ASCII characters and spaces only`);
}
