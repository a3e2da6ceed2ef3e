/** Levels of nesting, far more than stored values have. Recursive functions would exhaust the stack on a value of many thousands. */
const MAX_DEPTH = 100;

/** Whether a value is frozen at every depth, such as one that a store gave back: it need not be copied again at each refresh. */
function isFrozen(json: unknown, depth: number): boolean {
  if (typeof json !== 'object' || json === null) return json !== undefined;
  if (depth > MAX_DEPTH || !Object.isFrozen(json)) return false;
  for (const name in json) if (!isFrozen((json as Record<string, unknown>)[name], depth + 1)) return false;
  return true;
}

/**
 * A frozen copy of JSON. A caller that later changes the value it stored, or tries to change one it read, does not change the store.
 *
 * @throws {TypeError} if the value is nested more than 100 levels deep
 */
export function frozenCopy(json: unknown, depth = 0): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (depth > MAX_DEPTH) throw new TypeError(`A record is nested more than ${MAX_DEPTH} levels deep`);
  if (isFrozen(json, depth)) return json;
  if (Array.isArray(json)) return Object.freeze(json.map((item) => frozenCopy(item, depth + 1)));
  const members: Record<string, unknown> = {};
  for (const name of Object.keys(json)) {
    const value = (json as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const copy = frozenCopy(value, depth + 1);
    if (name !== '__proto__') members[name] = copy;
    // Assigning `__proto__` would set the prototype
    else Object.defineProperty(members, name, { value: copy, enumerable: true });
  }
  return Object.freeze(members);
}
