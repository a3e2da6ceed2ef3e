/** Lists of texts that an application gives: words of a scope, names of APIs. */

/** Whether a value is an array of texts. */
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/**
 * A text in place of a list, which no compiler stops in plain JavaScript, also has `includes`: `readonly` would include the word `read`.
 *
 * @param what names the value, for the message
 * @throws TypeError for what is there and is no array of texts
 */
export function requireTexts(value: unknown, what: string): void {
  if (value !== undefined && !isTexts(value)) throw new TypeError(`${what} is no list of texts`);
}
