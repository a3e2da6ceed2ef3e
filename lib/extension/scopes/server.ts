/** RFC 6749 §3.3: which scopes there are, and what is meant when a client names none. */
import { registeredScopeOf } from '../../clients/registration.js';
import type { Extension } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { type ReasonValues, reasoned } from '../../errors/reason.js';
import { requireKnown } from '../../options.js';
import type { AuthorizationSteps } from '../../steps.js';
import { firstBeyond, formatScope, scopeOf } from '../../syntax/scope.js';
import type { Client, Scope } from '../../types.js';

export interface ScopesOptions {
  /** What a client asks a user for that names no scope. Default: nothing. */
  readonly default?: Scope;
  /**
   * What becomes of words that the server does not have: `refuse` has the whole request fail, which is the default; `ignore` goes on without
   * them, for clients that ask for `openid` or `offline_access` unasked. The response says which scope was given. A request of such words
   * alone gets the default, and without one it fails.
   */
  readonly unknown?: 'refuse' | 'ignore';
}

/** What is asked of a user, and what the decision may grant of it. */
function authorizationSteps<C, U>(
  supported: Scope,
  usual: Scope,
  unknown: 'refuse' | 'ignore',
): AuthorizationSteps<C, U> {
  return {
    parse({ params, client, request }) {
      const scope = scopeOf(request);
      const word = scope && firstBeyond(scope, supported);
      if (word !== undefined)
        throw refused(`Unknown scope: ${word}`, 'scopes() does not know it', { asked: scope, supported });
      if (scope) return undefined;
      if (unknown === 'ignore' && usual.length === 0 && params.has('scope'))
        throw refused('None of the scope is known here', 'All of it was ignored, and there is no default', {
          supported,
        });
      return usualFor(client, usual);
    },
    decide({ req, res }) {
      const word = firstBeyond(scopeOf(res) ?? [], scopeOf(req) ?? []); // the dialog's form is the user's to write
      if (word !== undefined)
        throw refused(`Scope was not asked for: ${word}`, 'The decision grants more than was asked for', {
          asked: scopeOf(req),
          granted: scopeOf(res),
        });
    },
    // RFC 6749 §4.2.2: the scope is told where it is not the one that was sent
    respond: ({ req, res }, { params }) =>
      unknown === 'ignore' && 'access_token' in params && params['scope'] === undefined
        ? { scope: formatScope(scopeOf(res) ?? scopeOf(req) ?? []) }
        : undefined,
  };
}

/**
 * Refuses scopes that the server does not have: at the authorization endpoint by way of the client, and where a client asks the
 * token endpoint for one. What is granted is at most what was asked for; tokens for what was granted before have at most what the
 * server still has. (That a client gets no other scope than it registered is so without this extension, too.)
 *
 * @param supported every scope there is; also listed in the metadata
 * @example server.extend(scopes(['read', 'write'], { default: ['read'] }))
 * @see RFC 6749 §3.3, §4.1.2.1, §5.2
 */
export function scopes<C = Client, U = unknown>(supported: Scope, options: ScopesOptions = {}): Extension<C, U> {
  requireKnown<ScopesOptions>(options, { default: true, unknown: true }, 'scopes');
  const { default: usual = [], unknown = 'refuse' } = options;
  if (!['refuse', 'ignore'].includes(unknown))
    throw new TypeError(`scopes({ unknown }) is refuse or ignore, not ${unknown}`);
  return {
    name: 'scopes',
    spec: 'RFC 6749 §3.3',
    ...(unknown === 'ignore' && { ignoresScope: (word) => !supported.includes(word) }),
    authorization: authorizationSteps(supported, usual, unknown),
    token: {
      scope(scope) {
        const known = new Set(supported); // the list may have changed since
        return scope.filter((word) => known.has(word));
      },
    },
    metadata: () => ({ scopes_supported: supported }),
  };
}

/** @param why for the operator */
function refused(message: string, why: string, values: ReasonValues): AuthorizationError {
  return reasoned(new AuthorizationError(message, 'invalid_scope'), why, values);
}

/** RFC 6749 §3.3: the default, or an error. The default is for all clients, and each has at most what it registered. */
function usualFor(client: unknown, usual: Scope): { readonly scope: Scope } | undefined {
  if (usual.length === 0) return undefined;
  const registered = registeredScopeOf(client);
  const scope = registered ? usual.filter((word) => registered.includes(word)) : usual;
  if (scope.length > 0) return { scope };
  const message = 'Nothing of the default scope is for this client: ask for a scope';
  throw refused(message, 'scopes({ default }) and the registration have nothing in common', {
    default: usual,
    registered,
  });
}
