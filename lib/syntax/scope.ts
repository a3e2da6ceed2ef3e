import type { Scope } from '../types.js';

/** RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ) */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * The words of a scope parameter.
 *
 * @param separators of several, the first that splits wins
 */
export function parseScope(scope: string | undefined, separators: string | readonly string[] = ' '): Scope | undefined {
  if (scope === undefined) return undefined;
  for (const separator of typeof separators === 'string' ? [separators] : separators) {
    if (scope.includes(separator)) return [...new Set(scope.split(separator).filter(Boolean))];
  }
  return [scope];
}

/**
 * The words of a scope as an application gave it: a list, or text as it is on the wire. What the application gave stays as it is;
 * whoever needs the words reads them here.
 *
 * @param holder a request, a decision: whatever has a `scope`
 * @returns undefined where there is no scope. RFC 6749 §3.1: a parameter without a value is omitted
 * @throws TypeError when it is neither a list nor text
 * @example scopeOf({ scope: 'read write' }) // ['read', 'write']
 * @see RFC 6749 §3.3
 */
export function scopeOf(holder: { readonly scope?: Scope | string | null | undefined } | undefined): Scope | undefined {
  const scope = holder?.scope ?? undefined;
  if (typeof scope === 'string') return parseScope(scope || undefined);
  if (scope === undefined || Array.isArray(scope)) return scope;
  throw new TypeError(`A scope must be a list of words, or text, not ${typeof scope}`);
}

/**
 * Whether a scope that was given covers one that is asked for, for an `immediate` that remembers consent. Without a stored consent it is
 * false, for a request without a scope as well: "every word of nothing" would allow that one unasked.
 *
 * @param given what was consented to: a list, a Set or text; undefined or null where nothing was
 * @param asked what is asked for now: a list or text, or nothing
 * @example server.authorization(validate, async (client, user, scope) => covers(await consents.find(client, user), scope))
 * @see RFC 6749 §3.3
 */
export function covers(
  given: Scope | ReadonlySet<string> | string | null | undefined,
  asked: Scope | string | null | undefined,
): boolean {
  if (given === undefined || given === null) return false;
  const words = given instanceof Set ? given : new Set(scopeOf({ scope: given as Scope | string }) ?? []);
  return (scopeOf({ scope: asked }) ?? []).every((word) => words.has(word));
}

export function formatScope(scope: Scope): string {
  return scope.join(' ');
}

/** What is wrong with the scope of a request, if anything is: RFC 6749 §3.3 has one word at least. */
export function faultOfScope(scope: Scope | undefined): string | undefined {
  if (scope?.length === 0) return 'Empty scope';
  const malformed = scope && malformedScope(scope);
  return malformed === undefined ? undefined : `Malformed scope: ${malformed}`;
}

/** The first word that no scope may have. */
export function malformedScope(scope: Scope): string | undefined {
  return scope.find((word) => !SCOPE_TOKEN.test(word));
}

/** The first word of a scope that is not among those allowed. Both may be somebody else's, and long: no word is looked for in a list. */
export function firstBeyond(scope: Scope, allowed: Scope): string | undefined {
  const words = new Set(allowed);
  return scope.find((word) => !words.has(word));
}
