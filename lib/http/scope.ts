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

export function formatScope(scope: Scope): string {
  return scope.join(' ');
}

/** The first word that no scope may have. */
export function malformedScope(scope: Scope): string | undefined {
  return scope.find((word) => !SCOPE_TOKEN.test(word));
}
