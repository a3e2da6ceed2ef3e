/** Bounds the nesting of JSON from others: 40 KB of brackets are enough to exhaust the stack of a recursive function. */

/** Levels of nested arrays and objects. The structures that the specifications define have fewer than ten. */
const MAX_DEPTH = 32;

/** Whether a value has more than 32 levels. Such a value must not be passed to a recursive function; this one stops at the 32nd. */
export function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isTooDeep(member, levels - 1));
}

/** `JSON.parse` for text from others. @throws SyntaxError if it is not JSON, RangeError if it has more than 32 levels */
export function parseJSON(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (isTooDeep(value)) throw new RangeError(`The JSON has more than ${MAX_DEPTH} levels`);
  return value;
}
