import type { Middleware } from 'koa';
import { OAuth2Error } from '../errors/oauth2-error.js';
import { reasoned } from '../errors/reason.js';
import { named } from '../http/named.js';
import { formatScope, malformedScope } from '../syntax/scope.js';
import type { Scope } from '../types.js';
import { type Admission, admissionOf } from './admission.js';

/** @throws TypeError for words that no scope may have. @see RFC 6749 §3.3 */
export function requireWords(words: readonly string[], what: string): void {
  const malformed = malformedScope(words);
  if (malformed !== undefined) throw new TypeError(`${what} takes words, not ${JSON.stringify(malformed)}`);
}

/** Answers a request whose token lacks a scope, and says whether it did. RFC 6750 §3.1: 403, with the scope that is needed. */
export function refusesScope({ token, scope, refuse }: Admission, needed: Scope): boolean {
  const { clientID } = token;
  if (needed.every((word) => token.scope.includes(word))) return false;
  const error = new OAuth2Error('The access token does not reach this far', 'insufficient_scope', undefined, 403);
  reasoned(error, 'The token lacks a scope', { client: clientID, granted: token.scope, needed });
  refuse(error, { scope: formatScope([...new Set([...scope, ...needed])]) });
  return true;
}

/**
 * Lets only tokens through that have all of these scopes; other requests get 403 `insufficient_scope`.
 *
 * @throws TypeError without a scope, or for a malformed one
 * @throws Error at the request, if `bearer` did not run before
 * @example router.post('/notes', bearer({ verify }), requireScope('notes', 'write'), page)
 * @see RFC 6750 §3.1
 */
export function requireScope(...scope: readonly [string, ...string[]]): Middleware {
  if (scope.length === 0) throw new TypeError('requireScope needs a scope');
  requireWords(scope, 'requireScope');
  return named('requireScope', async (ctx, next) => {
    if (!refusesScope(admissionOf(ctx, 'requireScope'), scope)) await next();
  });
}
