/**
 * Reads a client's registration, whose members have the names of RFC 7591 §2. Every endpoint reads them here, so that a member has the same
 * meaning at all of them: an absent member restricts nothing, and a member that cannot be read allows nothing.
 */
import { identifierIn, isText, listOf, memberOf, textOf, timeOf, UNREADABLE, wordsOf } from './member.js';

/** @see RFC 7591 §3.2.1 */
export function clientIDOf(client: unknown): string | undefined {
  return identifierIn(memberOf(client, 'client_id'));
}

/**
 * The redirect URIs that a client registered. The list is empty if the client has a `client_id` but no redirect URIs that can be read. It is
 * undefined if the client has neither member, so that the application must say where they are.
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

/** The response types that a client registered, if it did. Compare them by `responseTypeKey`. @see RFC 7591 §2 */
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

/** The algorithm that a client signs its authentication assertions with, if it registered one. @see OpenID Connect Registration §2 */
export function authSigningAlgOf(client: unknown): string | undefined {
  return textOf(client, 'token_endpoint_auth_signing_alg');
}

/**
 * Whether a client is public: it is registered with the authentication method `none`, or this request was not authenticated. A client whose
 * registered method cannot be read counts as public, which gives it fewer rights.
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

/** The client's secret, if the application stores it in plain text. @see RFC 7591 §3.2.1 */
export function clientSecretOf(client: unknown): string | undefined {
  return identifierIn(memberOf(client, 'client_secret'));
}

/** The SHA-256 of the client's secret, if it is stored as such. */
export function clientSecretHashOf(client: unknown): string | undefined {
  return textOf(client, 'client_secret_hash');
}

/**
 * When a client's secret expires, in epoch seconds; undefined if it does not. A value that cannot be read counts as expired.
 *
 * @see RFC 7591 §3.2.1
 */
export function secretExpiryOf(client: unknown): number | undefined {
  const at = timeOf(client, 'client_secret_expires_at');
  return at === 0 ? undefined : at; // RFC 7591 §3.2.1: 0 means that it does not expire
}
