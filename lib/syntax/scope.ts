import type { Scope } from '../types.js';

/** RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ) */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * The words of a scope parameter.
 *
 * @param separators one separator, or several: the first one that occurs in the scope is used
 */
export function parseScope(scope: string | undefined, separators: string | readonly string[] = ' '): Scope | undefined {
  if (scope === undefined) return undefined;
  for (const separator of typeof separators === 'string' ? [separators] : separators) {
    if (scope.includes(separator)) return [...new Set(scope.split(separator).filter(Boolean))];
  }
  return [scope];
}

/**
 * The words of a scope that an application gave, either as a list or as text with spaces. The value itself is not changed, so that the
 * application finds it as it gave it.
 *
 * @param holder an object with a `scope`, such as a request or a decision
 * @returns undefined if there is no scope, or an empty text. RFC 6749 §3.1: a parameter without a value is omitted
 * @throws TypeError if the scope is neither a list nor text
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
 * Whether a scope that the user has allowed earlier contains all words of the scope that is requested now. It is for an `immediate`
 * callback that remembers consent. Without an earlier consent it is false, also for a request without a scope: such a request must not
 * be allowed without asking the user.
 *
 * @param given the scope of the earlier consent: a list, a Set or text; undefined or null if there was none
 * @param asked the scope that is requested: a list or text, or nothing
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

/** A message that says what is wrong with the scope of a request; undefined if it is valid. RFC 6749 §3.3 requires at least one word. */
export function faultOfScope(scope: Scope | undefined): string | undefined {
  if (scope?.length === 0) return 'Empty scope';
  const malformed = scope && malformedScope(scope);
  return malformed === undefined ? undefined : `Malformed scope: ${malformed}`;
}

/** The first word that is not a scope-token of RFC 6749 §3.3. */
export function malformedScope(scope: Scope): string | undefined {
  return scope.find((word) => !SCOPE_TOKEN.test(word));
}

/** The words of a list that are among those allowed. Both lists may be long and come from a client, so a Set keeps the time linear. */
export function among(words: readonly string[], allowed: readonly string[]): readonly string[] {
  const known = new Set(allowed);
  return words.filter((word) => known.has(word));
}

/** The first word of a scope that is not among those allowed, in linear time, too. */
export function firstBeyond(scope: Scope, allowed: Scope): string | undefined {
  const words = new Set(allowed);
  return scope.find((word) => !words.has(word));
}
