/** FAPI 2.0 Security Profile (final, February 2025): the authorization server. */
import type { Plug } from '../../core.js';
import { requireKnown } from '../../options.js';
import type { Client } from '../../types.js';
import { applying } from '../facts.js';
import { bindingParts, metadataPart, pkcePart, pushedPart } from '../parts.js';
import { profileOf } from '../profile.js';
import { FAPI_2_0, FAPI_2_SECURITY } from './clauses.js';
import { bindingIn, FAPI_2_OPTIONS, type FAPI2Options, relaxationsIn, withoutRelaxed } from './options.js';

/**
 * The FAPI 2.0 Security Profile: pushed requests only, PKCE with S256, clients that authenticate by `private_key_jwt` or mutual TLS, access tokens that are
 * bound to a key, codes that live for at most 60 s, refresh tokens without rotation. Plug it in after the grants. It plugs in `pkce()`, `pushedRequests()`,
 * `dpop()` or `certificateBoundTokens()`, and `metadata()`, unless they are plugged in already.
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, if the server lacks what the document requires, or has what it forbids for all clients
 * @example
 * const server = createServer<App, User>({ issuer: 'https://as.example', tokens, clients, keys });
 * server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)).exchange(exchange.refreshToken(tokens.refreshToken));
 * server.extend(...fapi2<App, User>({ binding: 'dpop' }));
 * const authenticateClient = clientAuthentication<App>({ server, methods: [privateKeyJwt({ algorithms: ['PS256', 'ES256', 'EdDSA', 'Ed25519'] })] });
 * @see FAPI 2.0 Security Profile
 */
export function fapi2<C = Client, U = unknown>(options: FAPI2Options<C> = {}): readonly Plug<C, U>[] {
  requireKnown<FAPI2Options<C>>(options, FAPI_2_OPTIONS, 'fapi2');
  const bound = bindingIn(options, 'fapi2');
  const isForAll = options.appliesTo === undefined;
  return profileOf({
    name: 'fapi2',
    spec: FAPI_2_SECURITY,
    clauses: withoutRelaxed(FAPI_2_0, options),
    appliesTo: applying(options.appliesTo, 'fapi2'),
    binding: bound.binding,
    isForAll,
    plugs: [pkcePart(), pushedPart(isForAll), ...bindingParts<C, U>(bound), metadataPart()],
    relaxations: relaxationsIn(options, 'fapi2'),
  });
}
