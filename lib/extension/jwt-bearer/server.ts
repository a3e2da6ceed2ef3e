/** RFC 7523 §2.1: JWTs as authorization grants, by RFC 7521 §4.1. */

import { profilesOf } from '../../assertion/trusted-issuer.js';
import type { Core, Extension, Plug } from '../../core.js';
import type { Authorization, Client } from '../../types.js';
import { assertionExchange, tokensOf } from './exchange.js';
import { requireKeys } from './keys.js';
import { findingsOfOptions, type JWTBearerOptions, requireOptions } from './options.js';
import { JWT_BEARER_RULES } from './refusals.js';

declare module '../../types.js' {
  interface ServerMetadata {
    /** @see draft-ietf-oauth-identity-assertion-authz-grant-03 §7.2 */
    readonly authorization_grant_profiles_supported?: readonly string[];
  }
}

/** draft-ietf-oauth-identity-assertion-authz-grant-03 §4.4.1: the granted resources MUST be in the response. */
function grantedResource(audience: readonly string[] | undefined, authorization: Authorization | undefined) {
  if (authorization?.asserted?.profile === undefined || !audience) return undefined;
  return { resource: audience.length === 1 ? audience[0] : audience };
}

/** @throws Error if the issuer or the token service is missing, or if the server trusts itself */
function requireParts<C, U>(core: Core<C, U>, { issuers }: JWTBearerOptions<C, U>): void {
  tokensOf(core);
  const { issuer } = core;
  if (issuer === undefined)
    throw new Error('jwtBearer() compares audiences with the issuer: say createServer({ issuer })');
  // draft-ietf-oauth-identity-assertion-authz-grant-03 §8.3: MUST NOT issue tokens in response to what it issued itself
  if (typeof issuers !== 'function' && Object.hasOwn(issuers, issuer) && issuers[issuer]?.profile)
    throw new Error(`jwtBearer({ issuers }) has ${issuer}, which is this server itself`);
}

/**
 * Lets clients present a JWT in which a trusted issuer vouches for a user, and gives them an access token for that user, without a browser and without a
 * dialog. Each issuer has its own keys. An assertion must be for this server alone, expires soon, and can be used once.
 *
 * `authorize` decides which user an assertion stands for. What it allows is limited to the scope that the client registered, and to the claims of the
 * assertion. The tokens are bound to the key or certificate whose possession the client proves; if the assertion names a key (`cnf`), it must be that one.
 * There are no refresh tokens: the client gets a new assertion from the issuer.
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, if there is no issuer or no token service
 * @example
 * server.extend(jwtBearer({
 *   issuers: { 'https://idp.example': { jwksURI: 'https://idp.example/jwks', algorithms: ['ES256'] } },
 *   authorize: async ({ issuer, subject }) => {
 *     const user = await users.findByLogin(issuer, subject);
 *     return user && { user, scope: ['read'] };
 *   },
 * }));
 * @see RFC 7523 §2.1, §3, RFC 7521 §4.1, §5.2
 */
export function jwtBearer<C = Client, U = unknown>(options: JWTBearerOptions<C, U>): Plug<C, U> {
  requireOptions(options);
  return (core): Extension<C, U> => ({
    name: 'jwtBearer',
    spec: ['RFC 7523', 'RFC 7521'],
    refusals: JWT_BEARER_RULES,
    parameters: ['assertion'],
    adds: ['asserted', 'resource'],
    exchanges: [assertionExchange(core, options)],
    token: {
      // also at each refresh
      check(authorization, request) {
        requireKeys(authorization, request);
        return { claims: authorization.asserted?.claims };
      },
      respond: (_response, { audience }, authorization) => grantedResource(audience, authorization),
    },
    metadata: () => ({ authorization_grant_profiles_supported: profilesOf(options.issuers) }),
    ready: (whole) => requireParts(whole, options),
    findings: () => findingsOfOptions(options),
  });
}
