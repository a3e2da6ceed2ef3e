/** What the application's own objects say of themselves, where it does not say otherwise. */

/** A member that an object may have. */
function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function list(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

/** @see RFC 7591 §3.2.1 */
export function clientIDOf(client: unknown): string | undefined {
  return text(member(client, 'client_id'));
}

/**
 * The redirect URIs that a client registered: none, if it is of the RFC's shape and has none that can be read. Undefined for a
 * client of another shape.
 *
 * @see RFC 7591 §2
 */
export function redirectURIsOf(client: unknown): readonly string[] | undefined {
  const isOurShape = clientIDOf(client) !== undefined || member(client, 'redirect_uris') !== undefined;
  return list(member(client, 'redirect_uris')) ?? (isOurShape ? [] : undefined);
}

/** The scope that a client registered. @see RFC 7591 §2 */
export function registeredScopeOf(client: unknown): readonly string[] {
  return text(member(client, 'scope'))?.split(' ').filter(Boolean) ?? [];
}

/** The client authentication method that a client registered, if it did. @see RFC 7591 §2 */
export function authMethodOf(client: unknown): string | undefined {
  const method = member(client, 'token_endpoint_auth_method');
  return method === undefined || method === null ? undefined : String(method); // what cannot be read was registered, too
}

/** Whether a client is public: registered as such, or known to have proved nothing. @see RFC 6749 §2.1, RFC 7591 §2 */
export function isPublicClient({
  client,
  authMethod,
}: {
  readonly client: unknown;
  readonly authMethod?: string | undefined;
}) {
  return authMethod === 'none' || authMethodOf(client) === 'none';
}

/** The secret that a client was given, where it is kept as it is. @see RFC 7591 §3.2.1 */
export function clientSecretOf(client: unknown): string | undefined {
  return text(member(client, 'client_secret'));
}

/** The grant types that a client registered, if it did. @see RFC 7591 §2 */
export function grantTypesOf(client: unknown): readonly string[] | undefined {
  return list(member(client, 'grant_types'));
}

export function subjectOf(user: unknown): string | undefined {
  return text(member(user, 'id') ?? member(user, 'sub'));
}
