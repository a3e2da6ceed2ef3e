/**
 * The members of both. Members without a value are left out; one that is there already is a programming error of whoever
 * adds it: additive plugs never overwrite.
 *
 * @throws Error
 */
export function add<T extends object>(target: T, more: Partial<T> | undefined, by: string): T {
  if (!more) return target;
  const result = { ...target } as Record<string, unknown>;
  for (const [name, value] of Object.entries(more)) {
    if (value === undefined) continue;
    if (Object.hasOwn(result, name) && result[name] !== undefined) throw new Error(`${by} would replace "${name}"`);
    result[name] = value;
  }
  return result as T;
}
