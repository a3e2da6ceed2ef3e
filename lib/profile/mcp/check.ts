/** What the revision asks of the whole server, and what no option of an extension keeps by itself. */

import type { Core, Extension } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { reasoned } from '../../errors/reason.js';
import { type Relaxations, relaxationsOf } from '../../findings.js';
import { isHTTPSOrLoopback } from '../../syntax/url.js';
import type { ServerMetadata } from '../../types.js';

/** What the extensions say in the metadata. */
function metadataOf<C, U>({ extensions }: Core<C, U>): Partial<ServerMetadata> {
  return Object.assign({}, ...extensions.map(({ metadata }) => metadata?.()));
}

/** What is missing, or must not be there, with what to do about it. */
function faultOf<C, U>(core: Core<C, U>): string | undefined {
  const { issuer, tokens, grants, exchanges } = core;
  if (issuer === undefined) return 'an issuer: createServer({ issuer })'; // RFC 8414; with it, `iss` is in every response (RFC 9207)
  if (!tokens) return 'the token service, which rotates refresh tokens: createServer({ tokens })'; // OAuth 2.1 §4.3.1
  if (!grants.has('code') || !exchanges.has('authorization_code'))
    return 'the code grant: server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code))';
  if (!exchanges.has('refresh_token')) return 'refreshes: server.exchange(exchange.refreshToken(tokens.refreshToken))';
  // hosts look for both: that documents are taken, and that a client without a secret is
  if (!metadataOf(core).token_endpoint_auth_methods_supported?.includes('none'))
    return 'none() among the methods of clientAuthentication({ server, methods })';
  return undefined;
}

/** OAuth 2.1 has neither. */
function legacyIn<C, U>({ grants, exchanges }: Core<C, U>): string | undefined {
  const implicit = [...grants.keys()].find((type) => type.split(' ').includes('token'));
  if (implicit !== undefined) return `the response type ${implicit}`;
  return exchanges.has('password') ? 'the password grant' : undefined;
}

/** @throws Error */
function requireKept<C, U>(core: Core<C, U>): void {
  const missing = faultOf(core);
  if (missing !== undefined) throw new Error(`mcpProfile() needs ${missing}`);
  const legacy = legacyIn(core);
  if (legacy !== undefined) throw new Error(`mcpProfile() cannot be with ${legacy}, which OAuth 2.1 has not`);
}

/** Security considerations, "Communication Security": all redirect URIs MUST be either `localhost` or use HTTPS. @throws AuthorizationError */
function requireWebURI(redirectURI: string): void {
  if (isHTTPSOrLoopback(new URL(redirectURI))) return;
  const error = new AuthorizationError('The redirect URI must be https, or on this machine', 'invalid_request');
  throw reasoned(error, 'MCP has no other: mcpProfile({ allowPrivateSchemes })', { came: redirectURI });
}

type Given = { readonly allowPrivateSchemes: boolean | undefined };

const RELAXATIONS: Relaxations<Given> = {
  allowPrivateSchemes: {
    why: 'Any program on the user’s device may have registered the scheme, and is sent the code',
    section: 'RFC 8252 §8.1',
    remedy: 'Leave it out, and have native programs use https or http on the user’s own machine',
  },
};

/** An extension that looks at all others. */
export function mcpCheck<C, U>(allowPrivateSchemes: boolean | undefined): Extension<C, U> {
  return {
    name: 'mcpProfile',
    spec: 'Model Context Protocol 2026-07-28',
    authorization: {
      async prompt({ redirectURI }) {
        if (allowPrivateSchemes !== true) requireWebURI(redirectURI);
        return undefined;
      },
    },
    ready: requireKept,
    findings: () => relaxationsOf<Given>('mcpProfile', { allowPrivateSchemes }, RELAXATIONS),
  };
}
