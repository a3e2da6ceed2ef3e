/** Lists of texts that an application gives: words of a scope, names of APIs. */

/** Whether a value is an array of texts. */
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/**
 * Requires an array of texts. Plain JavaScript code may give a text by mistake, which also has `includes`: `readonly` would include the word `read`.
 *
 * @param what names the value, for the message
 * @throws TypeError for a value that is neither undefined nor an array of texts
 */
export function requireTexts(value: unknown, what: string): void {
  if (value !== undefined && !isTexts(value)) throw new TypeError(`${what} is no list of texts`);
}
