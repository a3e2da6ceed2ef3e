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
 * Has every token response with a refresh token say how long it may be held without being used (`refresh_token_timeout`), and how long what the
 * user allowed lasts (`authorization_expires_in`), in seconds: so that a client can ask its user in time. Introspection of a refresh token says the
 * same. The token service says both. An `issue` of yours finds `request.tellsExpiration`, and
 * an `introspect` of yours `inquiry.tellsExpiration`: they give both themselves.
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
    // §8: MUST be declared, so that a value that is left out means that there is no end
    metadata: () => ({ refresh_token_expiration_types_supported: ['authorization', 'token_timeout'] }),
  };
}
