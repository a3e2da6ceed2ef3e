/** The OAuth 2.1 Authorization Framework, draft-ietf-oauth-v2-1-16: the authorization server. */
import type { Plug } from '../../core.js';
import { requireKnown } from '../../options.js';
import type { Client } from '../../types.js';
import { applying } from '../facts.js';
import { pkcePart } from '../parts.js';
import { profileOf } from '../profile.js';
import { DRAFT, OAUTH_2_1 } from './clauses.js';

/** Options of `oauth21()`. */
export interface OAuth21Options<C = Client> {
  /**
   * Whether the profile applies to a client: `true` or `false`. It forbids nothing to other clients. Default: it applies to all clients, and the server must
   * not have what the profile forbids.
   */
  readonly appliesTo?: (client: C) => boolean;
}

/**
 * OAuth 2.1: no implicit grant, no password grant, PKCE for every client, redirect URIs that are registered and compared exactly, refresh tokens of public
 * clients that are replaced at each use. It plugs in `pkce()`, unless that is plugged in already.
 *
 * The exception of §7.5.1 for clients that check an OpenID `nonce` is not made: every client sends a code challenge.
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, if the server has what the document forbids for all clients
 * @example
 * server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)).exchange(exchange.refreshToken(tokens.refreshToken));
 * server.extend(...oauth21<App, User>());
 * @see draft-ietf-oauth-v2-1-16
 */
export function oauth21<C = Client, U = unknown>(options: OAuth21Options<C> = {}): readonly Plug<C, U>[] {
  requireKnown<OAuth21Options<C>>(options, { appliesTo: true }, 'oauth21');
  return profileOf({
    name: 'oauth21',
    spec: DRAFT,
    clauses: OAUTH_2_1,
    appliesTo: applying(options.appliesTo, 'oauth21'),
    isForAll: options.appliesTo === undefined,
    plugs: [pkcePart()],
    relaxations: [],
  });
}
