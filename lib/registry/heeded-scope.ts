import type { Core } from '../core.js';
import type { AskedRequest } from '../steps.js';
import type { Scope } from '../types.js';

/**
 * The words of a scope that no extension ignores, possibly none. RFC 6749 §3.3: the server may ignore a part of the requested scope.
 *
 * @param asked the authorization request; absent at the token endpoint
 */
export function heeded<C, U>(
  { extensions }: Pick<Core<C, U>, 'extensions'>,
  scope: Scope,
  asked?: AskedRequest<C>,
): Scope {
  if (scope.length === 0) return scope;
  const ignoring = extensions.filter(({ ignoresScope }) => ignoresScope);
  if (ignoring.length === 0) return scope;
  return scope.filter((word) => !ignoring.some((extension) => extension.ignoresScope?.(word, asked) === true));
}
