import type { Params } from '../types.js';

/** Parameters by name. For a parameter with several values, the map has the first one. */
export class ParamMap extends Map<string, string> implements Params {
  /** All values of parameters that were sent several times. Most requests have none. */
  #repeated: Map<string, readonly string[]> | undefined;

  all(name: string): readonly string[] {
    const value = this.get(name);
    return this.#repeated?.get(name) ?? (value === undefined ? [] : [value]);
  }

  setAll(name: string, values: readonly string[]): this {
    const [first] = values;
    if (first === undefined) return this;
    if (values.length > 1) {
      this.#repeated ??= new Map();
      this.#repeated.set(name, values);
    }
    return this.set(name, first);
  }

  override delete(name: string): boolean {
    this.#repeated?.delete(name);
    return super.delete(name);
  }
}

/**
 * A copy that may be changed. It also takes a plain map, which extensions in JavaScript may give.
 *
 * @example const without = toParams(params); without.delete('voucher');
 */
export function toParams(params: Params | ReadonlyMap<string, string>): ParamMap {
  const copy = new ParamMap();
  for (const [name, value] of params) copy.setAll(name, 'all' in params ? params.all(name) : [value]);
  return copy;
}
