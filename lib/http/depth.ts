/** Bounds how deep JSON of others is nested: 40 KB of brackets are enough to exhaust the stack of whoever walks it. */

/** Levels of arrays and objects in each other. What the specifications define has fewer than ten. */
const DEEPEST = 32;

/** Whether a value has more than 32 levels, so that nothing may walk it. It looks no deeper itself. */
export function isTooDeep(value: unknown, levels = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isTooDeep(member, levels - 1));
}

/** `JSON.parse` for what comes from elsewhere. @throws SyntaxError for what is not JSON, RangeError for more than 32 levels */
export function parseJSON(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (isTooDeep(value)) throw new RangeError(`The JSON has more than ${DEEPEST} levels`);
  return value;
}
