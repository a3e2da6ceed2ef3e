/** The fields of a form or a query: one value for each name, or several where a specification has them. @see RFC 6749 §3.1 */
import type { KnownParameters } from '../core.js';
import { ParamMap, toParams } from '../syntax/param-map.js';
import type { Params } from '../types.js';

/** The parameters of a request, and the names of those that cannot be used. */
export interface Form {
  readonly params: Params;
  /** Names given more than once, or not as a string: not in `params`, so no callback ever sees them. */
  readonly refused: ReadonlySet<string>;
  /** The values of those that were given more than once. */
  readonly repeated: ReadonlyMap<string, readonly string[]>;
  /** Names that were sent without a value, which RFC 6749 §3.1 has mean omitted. */
  readonly empty: ReadonlySet<string>;
}

export type Entries = Iterable<readonly [string, unknown]>;

/** The usual form has no names that were refused, empty or repeated. */
const NONE: ReadonlySet<string> = new Set();
const NOT_REPEATED: ReadonlyMap<string, readonly string[]> = new Map();

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Reads form by form what came once, what came several times, and what is no text at all. */
class FormReader {
  readonly #params = new ParamMap();
  #refused: Set<string> | undefined;
  #empty: Set<string> | undefined;
  #repeated: Map<string, string[]> | undefined;

  /** One field: text, or what a body parser made of several fields or of a name with brackets. */
  add(name: string, value: unknown): void {
    if (value === '' || value === undefined) {
      this.#empty ??= new Set();
      this.#empty.add(name);
    } else if (isText(value) && !this.#params.has(name) && !this.#refused?.has(name)) this.#params.set(name, value);
    else this.#refuse(name, Array.isArray(value) ? value : [value]);
  }

  #refuse(name: string, values: readonly unknown[]): void {
    this.#refused ??= new Set(); // RFC 6749 §3.1: MUST NOT be included more than once
    this.#refused.add(name);
    this.#repeated ??= new Map();
    const first = this.#params.get(name);
    const all = this.#repeated.get(name) ?? (first === undefined ? [] : [first]);
    all.push(...values.filter(isText));
    this.#repeated.set(name, all);
  }

  toForm(): Form {
    for (const name of this.#refused ?? NONE) this.#params.delete(name);
    return {
      params: this.#params,
      refused: this.#refused ?? NONE,
      empty: this.#empty ?? NONE,
      repeated: this.#repeated ?? NOT_REPEATED,
    };
  }
}

export function toForm(entries: Entries): Form {
  const reader = new FormReader();
  for (const [name, value] of entries) reader.add(name, value);
  return reader.toForm();
}

/**
 * The form as a server reads it: what may come several times does; what nobody reads is not refused, but ignored.
 *
 * @see RFC 6749 §3.1, RFC 8707 §2
 */
export function permitRepeated(form: Form, known: KnownParameters): Form {
  if (form.refused.size === 0) return form;
  const params = toParams(form.params);
  const refused = new Set<string>();
  for (const name of form.refused) {
    const values = form.repeated.get(name);
    if (values && known.isRepeatable(name)) params.setAll(name, values);
    else if (known.has(name)) refused.add(name);
  }
  return { params, refused, empty: form.empty, repeated: NOT_REPEATED };
}
