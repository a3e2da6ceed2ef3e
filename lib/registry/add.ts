import { isDeepStrictEqual } from 'node:util';

type Additions<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

/** Members that are lists of members themselves: one extension adds a key of a certificate, and another one a key of its own. */
const ADDED_UP: ReadonlySet<string> = new Set(['confirmation', 'claims', 'notes']);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What two say of one member: the same, or the members of both. @throws Error when it is neither */
function both(name: string, earlier: unknown, value: unknown, by: string): unknown {
  if (isDeepStrictEqual(earlier, value)) return earlier;
  if (ADDED_UP.has(name) && isObject(earlier) && isObject(value)) return add(earlier, value, by);
  throw new Error(`${by} would replace "${name}"`);
}

/**
 * Adds members to an object of one's own. Members without a value are left out. The same value may be added twice; another value for a member
 * that is there already is a programming error of whoever adds it: additive plugs never overwrite.
 *
 * @throws Error
 */
export function addTo<T extends object>(target: T, more: Additions<T> | undefined, by: string): T {
  for (const name in more) {
    const value = more[name];
    if (value === undefined || !Object.hasOwn(more, name)) continue;
    const isThere = target[name] !== undefined && Object.hasOwn(target, name);
    target[name] = isThere ? (both(name, target[name], value, by) as typeof value) : value;
  }
  return target;
}

/** The members of both, in an object of its own. @throws Error */
export function add<T extends object>(target: T, more: Additions<T> | undefined, by: string): T {
  return more ? addTo(Object.assign({}, target), more, by) : target;
}
