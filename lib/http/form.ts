/** The fields of a form or a query: one value for each name, or several where a specification has them. @see RFC 6749 §3.1 */
import type { KnownParameters } from '../core.js';
import { ParamMap, toParams } from '../syntax/param-map.js';
import type { Params } from '../types.js';

/** The parameters of a request, and the names of those that were refused. */
export interface Form {
  readonly params: Params;
  /** Names that came more than once, or whose value is not a string. They are not in `params`, so no callback sees them. */
  readonly refused: ReadonlySet<string>;
  /** The values of these names, without empty ones. A value may be an object that a body parser has made. */
  readonly repeated: ReadonlyMap<string, readonly unknown[]>;
  /** Names that were sent without a value. RFC 6749 §3.1: these are treated as omitted. */
  readonly empty: ReadonlySet<string>;
}

export type Entries = Iterable<readonly [string, unknown]>;

/** Shared by all forms in which no name was refused, empty or repeated. */
const NONE: ReadonlySet<string> = new Set();
const NOT_REPEATED: ReadonlyMap<string, readonly unknown[]> = new Map();

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Collects the fields of one form: those that came once, those that came several times, and those that are not text. */
class FormReader {
  readonly #params = new ParamMap();
  #refused: Set<string> | undefined;
  #empty: Set<string> | undefined;
  #repeated: Map<string, unknown[]> | undefined;

  /** Adds one field. A body parser may have made an array of repeated fields, or an object of a name with brackets. */
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
    for (const value of values) if (value !== '') all.push(value); // RFC 6749 §3.1: without a value, it is omitted
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
  for (const entry of entries) reader.add(entry[0], entry[1]);
  return reader.toForm();
}

/**
 * Applies the parameters that a server knows: a repeated parameter is accepted if an extension declares it repeatable, and ignored if neither
 * the toolkit nor an extension reads it.
 *
 * @see RFC 6749 §3.1, RFC 8707 §2
 */
export function permitRepeated(form: Form, known: KnownParameters): Form {
  if (form.refused.size === 0) return form;
  const params = toParams(form.params);
  const refused = new Set<string>();
  for (const name of form.refused) {
    const values = form.repeated.get(name);
    if (values?.every(isText) && known.isRepeatable(name)) params.setAll(name, values);
    else if (known.has(name)) refused.add(name);
  }
  return { params, refused, empty: form.empty, repeated: NOT_REPEATED };
}
