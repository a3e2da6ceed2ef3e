/** Levels of nesting: far more than anything that is kept has. Whatever walks a value calls itself for each level. */
const DEEPEST = 100;

/**
 * A frozen copy of JSON: whoever changes what was put, or what was read, changes nothing that is stored.
 *
 * @throws {TypeError} where it is nested more than 100 levels deep
 */
export function frozenCopy(json: unknown, depth = 0): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (depth > DEEPEST) throw new TypeError(`A record is nested more than ${DEEPEST} levels deep`);
  if (Array.isArray(json)) return Object.freeze(json.map((item) => frozenCopy(item, depth + 1)));
  const members: Record<string, unknown> = {};
  for (const name of Object.keys(json)) {
    const value = (json as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const copy = frozenCopy(value, depth + 1);
    if (name !== '__proto__') members[name] = copy;
    // assigned, it would set the prototype; defined, it is a name like any other
    else Object.defineProperty(members, name, { value: copy, enumerable: true });
  }
  return Object.freeze(members);
}
