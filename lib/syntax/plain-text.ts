/** Texts in JSON that others sent. */

/** NUL, and half of a surrogate pair: databases refuse these characters, or store others in their place. */
const NO_TEXT = /\p{Cs}|\0/u;

/** Whether a text can be stored and shown. */
export function isPlainText(text: string): boolean {
  return !NO_TEXT.test(text);
}

/** Whether all names and texts in something that was JSON can be stored and shown. */
export function hasPlainTexts(json: unknown): boolean {
  if (typeof json === 'string') return isPlainText(json);
  if (typeof json !== 'object' || json === null) return true;
  return Object.entries(json).every(([name, value]) => isPlainText(name) && hasPlainTexts(value));
}
