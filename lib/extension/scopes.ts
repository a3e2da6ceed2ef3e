/** RFC 6749 §3.3: which scopes there are, and what is meant when a client names none. */
import { AuthorizationError } from '../errors/authorization-error.js';
import { TokenError } from '../errors/token-error.js';
import { parseScope } from '../http/scope.js';
import type { Extension } from '../plugs.js';
import type { Client, Scope } from '../types.js';

export interface ScopesOptions {
  /** What a client asks a user for that names no scope. Default: nothing. */
  readonly default?: Scope;
}

/**
 * Refuses scopes that the server does not have: at the authorization endpoint by way of the client, and where a client asks the
 * token endpoint for one.
 *
 * @param supported every scope there is; also listed in the metadata
 * @example server.extend(scopes(['read', 'write'], { default: ['read'] }))
 * @see RFC 6749 §3.3, §4.1.2.1, §5.2
 */
export function scopes<C = Client, U = unknown>(
  supported: Scope,
  { default: usual }: ScopesOptions = {},
): Extension<C, U> {
  const unknown = (scope: Scope | undefined): string | undefined => scope?.find((word) => !supported.includes(word));
  return {
    name: 'scopes',
    authorization: {
      parse(_params, _client, { scope }) {
        const word = unknown(scope);
        if (word !== undefined) throw new AuthorizationError(`Unknown scope: ${word}`, 'invalid_scope');
        return scope ? undefined : { scope: usual };
      },
    },
    token: {
      grantTypes: ['client_credentials', 'password'],
      parse(params) {
        const word = unknown(parseScope(params.get('scope')));
        if (word !== undefined) throw new TokenError(`Unknown scope: ${word}`, 'invalid_scope');
        return undefined;
      },
    },
    metadata: () => ({ scopes_supported: supported }),
  };
}
