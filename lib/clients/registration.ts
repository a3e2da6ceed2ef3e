/**
 * What a client registered, in the words of RFC 7591 §2. Every endpoint asks here, so that a member binds all of them alike: what is
 * absent restricts nothing, and what is there and cannot be read allows nothing.
 */
import { identifierIn, isText, listOf, memberOf, restricts, textOf, timeOf, UNREADABLE, wordsOf } from './member.js';

/** @see RFC 7591 §3.2.1 */
export function clientIDOf(client: unknown): string | undefined {
  return identifierIn(memberOf(client, 'client_id'));
}

/**
 * The redirect URIs that a client registered: none, if it is of the RFC's shape and has none that can be read. Undefined for a
 * client of another shape.
 *
 * @see RFC 7591 §2
 */
export function redirectURIsOf(client: unknown): readonly string[] | undefined {
  return listOf(client, 'redirect_uris', isText) ?? (clientIDOf(client) === undefined ? undefined : []);
}

/** The grant types that a client registered, if it did. @see RFC 7591 §2 */
export function grantTypesOf(client: unknown): readonly string[] | undefined {
  return listOf(client, 'grant_types');
}

/** The response types that a client registered, if it did: each a set of words. @see RFC 7591 §2 */
export function responseTypesOf(client: unknown): readonly string[] | undefined {
  return listOf(client, 'response_types');
}

/** The scope that a client registered, if it did. @see RFC 7591 §2 */
export function registeredScopeOf(client: unknown): readonly string[] | undefined {
  return wordsOf(client, 'scope');
}

/** The client authentication method that a client registered, if it did. @see RFC 7591 §2 */
export function authMethodOf(client: unknown): string | undefined {
  return textOf(client, 'token_endpoint_auth_method');
}

/** The algorithm of the signatures that a client authenticates by, if it registered one. @see OpenID Connect Registration §2 */
export function authSigningAlgOf(client: unknown): string | undefined {
  return textOf(client, 'token_endpoint_auth_signing_alg');
}

/**
 * Whether a client is public: registered as such, or known to have proved nothing. A method that cannot be read gives none of the
 * rights that only confidential clients have.
 *
 * @see RFC 6749 §2.1, RFC 7591 §2
 */
export function isPublicClient({
  client,
  authMethod,
}: {
  readonly client: unknown;
  readonly authMethod?: string | undefined;
}): boolean {
  if (authMethod === 'none') return true;
  const registered = authMethodOf(client);
  return registered === 'none' || registered === UNREADABLE;
}

/** The secret that a client was given, where it is kept as it is. @see RFC 7591 §3.2.1 */
export function clientSecretOf(client: unknown): string | undefined {
  return identifierIn(memberOf(client, 'client_secret'));
}

/**
 * When the secret of a client expires, in epoch seconds; undefined where it never does. What cannot be read is a time that has passed.
 *
 * @see RFC 7591 §3.2.1
 */
export function secretExpiryOf(client: unknown): number | undefined {
  const at = timeOf(client, 'client_secret_expires_at');
  return at === 0 ? undefined : at; // §3.2.1: 0 if it will not expire
}

/** Whether a client's access tokens must be bound to its certificate. @see RFC 8705 §3.4 */
export function isBoundToCertificate(client: unknown): boolean {
  return restricts(client, 'tls_client_certificate_bound_access_tokens');
}
