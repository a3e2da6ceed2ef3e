/** The rules of the revision for the whole server, which no option of a single extension enforces. */
import type { AnyCore, Clause, Rule } from '../rule.js';
import { implicitGrant, passwordGrant } from '../rules/grants.js';
import { tokenService, withoutIssuer } from '../rules/parts.js';
import { webOnly } from '../rules/redirects.js';
import { plainPKCE, withoutPKCE } from '../rules/requests.js';
import { keptPublicRefreshToken } from '../rules/tokens.js';

export const REVISION = 'Model Context Protocol 2026-07-28';

const withoutCode: Rule = {
  name: 'no code grant',
  forbids: 'a server without the code grant',
  why: 'MCP hosts use no other grant',
  remedy: 'server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code))',
  part: ({ grants, exchanges }) =>
    grants.has('code') && exchanges.has('authorization_code') ? undefined : { missing: 'grant.code or exchange.code' },
};

const withoutRefresh: Rule = {
  name: 'no refreshes',
  forbids: 'a server without refresh tokens',
  why: 'Access tokens live for minutes here, and users would be asked again each time',
  remedy: 'server.exchange(exchange.refreshToken(tokens.refreshToken))',
  part: ({ exchanges }) => (exchanges.has('refresh_token') ? undefined : { missing: 'exchange.refreshToken' }),
};

/** The authentication methods in the server's metadata. */
function methodsIn({ extensions }: AnyCore): readonly string[] {
  return extensions.flatMap(({ metadata }) => metadata?.().token_endpoint_auth_methods_supported ?? []);
}

const withoutPublicClients: Rule = {
  name: 'no public clients',
  forbids: 'a server that refuses public clients',
  why: 'MCP hosts have no secret: they look for "none" in token_endpoint_auth_methods_supported, and give up if it is not there',
  remedy: 'none() among the methods of clientAuthentication({ server, methods })',
  part: (core) =>
    methodsIn(core).includes('none') ? undefined : { token_endpoint_auth_methods_supported: methodsIn(core) },
};

export const MCP: readonly Clause[] = [
  { rule: withoutIssuer, section: 'MCP 2026-07-28, Authorization Server Metadata Discovery' }, // with it, `iss` is in every response (RFC 9207)
  { rule: tokenService, section: 'MCP 2026-07-28, Token Theft' },
  { rule: keptPublicRefreshToken, section: 'MCP 2026-07-28, Token Theft' },
  { rule: withoutCode, section: 'MCP 2026-07-28, Overview' },
  { rule: withoutRefresh, section: 'MCP 2026-07-28, Refresh Tokens' },
  { rule: withoutPublicClients, section: 'MCP 2026-07-28, Client ID Metadata Documents' },
  { rule: implicitGrant, section: 'OAuth 2.1 §10.1' },
  { rule: passwordGrant, section: 'OAuth 2.1 §10' },
  { rule: withoutPKCE, section: 'OAuth 2.1 §7.5.1' },
  { rule: plainPKCE, section: 'MCP 2026-07-28, Authorization Code Protection' },
  { rule: webOnly, section: 'MCP 2026-07-28, Communication Security' },
];

/** @param allowPrivateSchemes whether redirect URIs of native programs may have schemes of their own */
export function clausesOf(allowPrivateSchemes: boolean): readonly Clause[] {
  return allowPrivateSchemes ? MCP.filter(({ rule }) => rule !== webOnly) : MCP;
}
