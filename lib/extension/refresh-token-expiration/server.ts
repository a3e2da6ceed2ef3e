/** Draft refresh-token-expiration-03: OAuth 2.0 Refresh Token and Authorization Expiration. */
import type { Extension } from '../../core.js';
import { requireNoOptions } from '../../options.js';
import type { Client } from '../../types.js';

declare module '../../types.js' {
  interface ServerMetadata {
    readonly refresh_token_expiration_types_supported?: readonly string[];
  }
}

/**
 * Adds two members to every token response with a refresh token, both in seconds: how long the refresh token may stay unused (`refresh_token_timeout`), and how
 * long the authorization lasts (`authorization_expires_in`). A client can then ask its user again in time. Introspection of a refresh token has the same
 * members. The token service sets both. Callbacks of your own must set them: `issue` if `request.tellsExpiration` is set, and `introspect` if
 * `inquiry.tellsExpiration` is set.
 *
 * @throws TypeError for options: there are none
 * @example server.extend(refreshTokenExpiration())
 * @see draft-ietf-oauth-refresh-token-expiration-03 §6, §7, §8
 */
export function refreshTokenExpiration<C = Client, U = unknown>(...noOptions: readonly []): Extension<C, U> {
  requireNoOptions(noOptions, 'refreshTokenExpiration');
  return {
    name: 'refreshTokenExpiration',
    spec: 'draft-ietf-oauth-refresh-token-expiration-03',
    token: { parse: () => ({ tellsExpiration: true }) },
    inquiry: { tellsExpiration: true }, // §7
    // §8: MUST be declared, so that a missing member means that there is no expiration
    metadata: () => ({ refresh_token_expiration_types_supported: ['authorization', 'token_timeout'] }),
  };
}
