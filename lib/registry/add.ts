import { isDeepStrictEqual } from 'node:util';

type Additions<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

/** Members that are objects, to which several extensions may add members: one the thumbprint of a certificate, another one the thumbprint of a key. */
const ADDED_UP: ReadonlySet<string> = new Set(['confirmation', 'claims', 'notes']);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a member that two extensions set: the same value, or an object with the members of both. @throws Error if they differ */
function both(name: string, earlier: unknown, value: unknown, by: string): unknown {
  if (isDeepStrictEqual(earlier, value)) return earlier;
  if (ADDED_UP.has(name) && isObject(earlier) && isObject(value)) return add(earlier, value, by);
  throw new Error(`${by} would replace "${name}"`);
}

/**
 * Adds members to `target`. Members without a value are left out. The same value may be added twice. An extension must not overwrite what another one
 * has set.
 *
 * @param by what adds the members, for the message
 * @throws Error for another value of a member that has one already
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

/** The same, in a new object. @throws Error */
export function add<T extends object>(target: T, more: Additions<T> | undefined, by: string): T {
  return more ? addTo(Object.assign({}, target), more, by) : target;
}
