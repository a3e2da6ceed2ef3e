/** What a client's registration permits, at the authorization endpoint and at the token endpoint. @see RFC 7591 §2 */

import type { Core } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import { responseTypeKey, responseTypeWords } from '../syntax/response-type.js';
import { among, firstBeyond } from '../syntax/scope.js';
import type { Scope } from '../types.js';
import { grantTypesOf, registeredScopeOf, responseTypesOf } from './registration.js';

/** RFC 7591 §2.1: the grant types that correspond to the response types of RFC 6749, for grants that do not name one. */
const GRANT_TYPES: ReadonlyMap<string, string> = new Map([
  ['code', 'authorization_code'],
  ['token', 'implicit'],
]);

/** The grant types that a client must have registered for a response type: those of all its words. @see RFC 7591 §2.1 */
export function grantTypesFor<C, U>(core: Core<C, U>, type: string): string[] {
  const words = responseTypeWords(type);
  const names = words.length > 1 ? [responseTypeKey(type), ...words] : words;
  return names.flatMap((name) => core.grants.get(name)?.grantType ?? GRANT_TYPES.get(name) ?? []);
}

/**
 * Refuses a response type that the client's registered `response_types` or `grant_types` do not permit.
 *
 * @throws AuthorizationError `unauthorized_client`. @see RFC 6749 §4.1.2.1, §4.2.2.1
 */
export function requireResponseType<C, U>(core: Core<C, U>, client: C, type: string): void {
  const responseTypes = responseTypesOf(client);
  const key = responseTypeKey(type);
  if (responseTypes && !responseTypes.some((registered) => responseTypeKey(registered) === key))
    throw reasoned(
      new AuthorizationError(`Unauthorized response type: ${type}`, 'unauthorized_client'),
      'The client did not register this response type',
      { came: type, response_types: responseTypes },
    );
  const grantTypes = grantTypesOf(client);
  const missing = grantTypes && grantTypesFor(core, type).find((needed) => !grantTypes.includes(needed));
  if (missing !== undefined)
    throw reasoned(
      new AuthorizationError(`Unauthorized response type: ${type} needs ${missing}`, 'unauthorized_client'),
      'The client did not register the grant type that this response type needs',
      { came: type, needed: missing, grant_types: grantTypes },
    );
}

/** The words of a scope that the client registered. @param registered its registered scope; undefined restricts nothing. @see RFC 6749 §3.3 */
export function registeredPart(registered: Scope | undefined, scope: Scope): Scope {
  return registered ? among(scope, registered) : scope;
}

/** @throws AuthorizationError `invalid_scope` for a word of a scope that the client did not register. @see RFC 6749 §4.1.2.1 */
export function requireRegisteredScope<C>(client: C, scope: Scope | undefined): void {
  const registered = registeredScopeOf(client);
  const word = registered && scope && firstBeyond(scope, registered);
  if (word === undefined) return;
  const error = new AuthorizationError(`Scope is not for this client: ${word}`, 'invalid_scope');
  throw reasoned(error, 'The client did not register this scope', { came: scope, scope: registered });
}

/** @throws TokenError `unauthorized_client` for a grant type that the client did not register. @see RFC 6749 §5.2 */
export function requireGrantType<C>(client: C, grantType: string): void {
  if (grantTypesOf(client)?.includes(grantType) ?? true) return;
  const error = new TokenError(`Unauthorized grant type: ${grantType}`, 'unauthorized_client');
  const values = { came: grantType, grant_types: grantTypesOf(client) };
  throw reasoned(error, 'The client did not register this grant type', values);
}
