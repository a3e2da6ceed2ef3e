/** RFC 6749 §3.3: which scopes there are, and what is meant when a client names none. */
import { AuthorizationError } from '../errors/authorization-error.js';
import { TokenError } from '../errors/token-error.js';
import { registeredScopeOf } from '../http/identity.js';
import { parseScope, scopeOf } from '../http/scope.js';
import type { Extension } from '../plugs.js';
import type { Client, Scope } from '../types.js';

export interface ScopesOptions {
  /** What a client asks a user for that names no scope. Default: nothing. */
  readonly default?: Scope;
}

/**
 * Refuses scopes that the server does not have: at the authorization endpoint by way of the client, and where a client asks the
 * token endpoint for one. A client that registered a `scope` (RFC 7591 §2) may ask for no other. What is granted is at most what was
 * asked for.
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
  const notFor = (client: C, scope: Scope | undefined): string | undefined => {
    const registered = registeredScopeOf(client);
    return registered.length > 0 ? scope?.find((word) => !registered.includes(word)) : undefined;
  };
  return {
    name: 'scopes',
    authorization: {
      parse(_params, client, request) {
        const scope = scopeOf(request);
        const word = unknown(scope) ?? notFor(client, scope);
        if (word !== undefined) throw new AuthorizationError(`Unknown scope: ${word}`, 'invalid_scope');
        return scope ? undefined : { scope: usual };
      },
      decide({ req, res }) {
        const asked = scopeOf(req);
        const word = scopeOf(res)?.find((granted) => !asked?.includes(granted)); // the dialog's form is the user's to write
        if (word !== undefined) throw new AuthorizationError(`Scope was not asked for: ${word}`, 'invalid_scope');
      },
    },
    token: {
      grantTypes: ['client_credentials', 'password'],
      parse(params, client) {
        const scope = parseScope(params.get('scope'));
        const word = unknown(scope) ?? notFor(client, scope);
        if (word !== undefined) throw new TokenError(`Unknown scope: ${word}`, 'invalid_scope');
        return undefined;
      },
    },
    metadata: () => ({ scopes_supported: supported }),
  };
}
