/** RFC 6749 §3.3: the supported scopes, and the default for a client that names none. */

import { invalidMetadata } from '../../clients/invalid-metadata.js';
import { registeredScopeOf } from '../../clients/registration.js';
import type { Extension } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { type ReasonValues, reasoned } from '../../errors/reason.js';
import { requireKnown } from '../../options.js';
import type { AuthorizationSteps } from '../../steps.js';
import { among, firstBeyond, formatScope, malformedScope, scopeOf } from '../../syntax/scope.js';
import { requireTexts } from '../../syntax/texts.js';
import type { AuthorizationRequest, Client, ClientMetadata, Scope } from '../../types.js';
import { SCOPES_RULES } from './refusals.js';

/** Options of `scopes()`. */
export interface ScopesOptions {
  /** The scope of an authorization request that names none. Default: the empty scope. */
  readonly default?: Scope;
  /**
   * What is done with unsupported words. `'refuse'`: the request fails with `invalid_scope`. `'ignore'`: they are removed, for clients whose library always
   * asks for `openid` or `offline_access`; the response then has the granted scope. An authorization request without any supported word gets `default`, and
   * fails if there is none; a token request without any fails. Default: `'ignore'` for authentication requests of `openid()`, and `'refuse'` for all others.
   */
  readonly unknown?: 'refuse' | 'ignore';
}

/** The extension `openid()`, and the scope of its authentication requests. */
const OPENID = 'openid';

/** Whether unsupported words of this request are ignored. */
type Ignores = (request: AuthorizationRequest | undefined) => boolean;

/** Checks the scope of a request, and the scope that a decision grants. */
function authorizationSteps<C, U>(supported: Scope, usual: Scope, ignores: Ignores): AuthorizationSteps<C, U> {
  return {
    parse({ params, client, request }) {
      const scope = scopeOf(request);
      const word = scope && firstBeyond(scope, supported);
      if (word !== undefined)
        throw refused(`Unknown scope: ${word}`, 'It is not in the list that scopes() was given', {
          asked: scope,
          supported,
        });
      if (scope) return undefined;
      if (ignores(request) && usual.length === 0 && params.has('scope'))
        throw refused('No word of the scope is supported', 'All of its words were ignored, and there is no default', {
          supported,
        });
      return usualFor(client, usual);
    },
    decide({ req, res }) {
      const word = firstBeyond(scopeOf(res) ?? [], scopeOf(req) ?? []); // the user can tamper with the form of the dialog
      if (word !== undefined)
        throw refused(`Scope was not asked for: ${word}`, 'The decision grants more than was asked for', {
          asked: scopeOf(req),
          granted: scopeOf(res),
        });
    },
    // RFC 6749 §4.2.2: REQUIRED if it is not identical to the scope that the client asked for
    respond: ({ req, res }, { params }) =>
      'access_token' in params && params['scope'] === undefined && ignores(req)
        ? { scope: formatScope(scopeOf(res) ?? scopeOf(req) ?? []) }
        : undefined,
  };
}

/**
 * Refuses every scope that is not supported, at both endpoints with `invalid_scope`. A decision can grant only what the client asked for.
 * Tokens for an earlier authorization get only the part of its scope that is still supported. (Without this extension, too, a client never gets a scope that it
 * did not register.)
 *
 * @param supported every scope of the server; published in the metadata
 * @throws TypeError if `supported` is not a list
 * @example server.extend(scopes(['read', 'write'], { default: ['read'] }))
 * @see RFC 6749 §3.3, §4.1.2.1, §5.2
 */
export function scopes<C = Client, U = unknown>(supported: Scope, options: ScopesOptions = {}): Extension<C, U> {
  requireKnown<ScopesOptions>(options, { default: true, unknown: true }, 'scopes');
  const { default: usual = [], unknown } = options;
  requireTexts(supported, 'What scopes() takes');
  requireTexts(usual, 'scopes({ default })');
  const malformed = malformedScope([...supported, ...usual]);
  if (malformed !== undefined) throw new TypeError(`scopes() takes words, not ${JSON.stringify(malformed)}`);
  if (unknown !== undefined && !['refuse', 'ignore'].includes(unknown))
    throw new TypeError(`scopes({ unknown }) is refuse or ignore, not ${unknown}`);
  let isProvider = false;
  // OpenID Connect Core §3.1.2.1: scope values that the server does not understand SHOULD be ignored
  const ignores: Ignores = (request) =>
    unknown === undefined ? isProvider && scopeOf(request)?.includes(OPENID) === true : unknown === 'ignore';
  return {
    name: 'scopes',
    spec: 'RFC 6749 §3.3',
    refusals: SCOPES_RULES,
    ...(unknown !== 'refuse' && {
      ignoresScope: (word, asked) => !supported.includes(word) && ignores(asked?.request),
    }),
    authorization: authorizationSteps(supported, usual, ignores),
    token: {
      scope(scope) {
        return among(scope, supported); // the list may have changed since the scope was granted
      },
    },
    register: (metadata) => registeredPart(metadata, supported),
    metadata: () => ({ scopes_supported: supported }),
    ready({ extensions }) {
      isProvider = supported.includes(OPENID) && extensions.some(({ name }) => name === OPENID);
    },
  };
}

/** @param why the reason, for the operator only */
function refused(message: string, why: string, values: ReasonValues): AuthorizationError {
  return reasoned(new AuthorizationError(message, 'invalid_scope'), why, values);
}

/** RFC 6749 §3.3: the default scope, or an error. A client gets only the part of the default that it registered. */
function usualFor(client: unknown, usual: Scope): { readonly scope: Scope } | undefined {
  if (usual.length === 0) return undefined;
  const registered = registeredScopeOf(client);
  const scope = registered ? among(usual, registered) : usual;
  if (scope.length > 0) return { scope };
  const message = 'The client registered no word of the default scope: ask for a scope';
  throw refused(message, 'scopes({ default }) and the registration have nothing in common', {
    default: usual,
    registered,
  });
}

/**
 * RFC 7591 §3.2.1: a registration keeps only supported words.
 *
 * @throws OAuth2Error if it has none: a client without a registered scope could ask for every word
 */
function registeredPart(metadata: ClientMetadata, supported: Scope): ClientMetadata {
  const asked = registeredScopeOf(metadata);
  if (!asked) return metadata;
  const scope = among(asked, supported);
  if (scope.length === 0) throw invalidMetadata('No word of scope is supported', { asked, supported });
  return { ...metadata, scope: formatScope(scope) };
}
