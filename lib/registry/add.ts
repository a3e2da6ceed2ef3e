type Additions<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

/**
 * Adds members to an object of one's own. Members without a value are left out; one that is there already is a programming error of
 * whoever adds it: additive plugs never overwrite.
 *
 * @throws Error
 */
export function addTo<T extends object>(target: T, more: Additions<T> | undefined, by: string): T {
  for (const name in more) {
    const value = more[name];
    if (value === undefined || !Object.hasOwn(more, name)) continue;
    if (target[name] !== undefined && Object.hasOwn(target, name)) throw new Error(`${by} would replace "${name}"`);
    target[name] = value;
  }
  return target;
}

/** The members of both, in an object of its own. @throws Error */
export function add<T extends object>(target: T, more: Additions<T> | undefined, by: string): T {
  return more ? addTo(Object.assign({}, target), more, by) : target;
}
