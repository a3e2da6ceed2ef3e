/** The Model Context Protocol, revision of 2026-07-28: the authorization server of MCP servers. */
import type { Plug } from '../../core.js';
import { clientIDMetadata } from '../../extension/client-id-metadata/server.js';
import { metadata } from '../../extension/metadata/server.js';
import type { Resource } from '../../extension/resource-indicators/options.js';
import { resourceIndicators } from '../../extension/resource-indicators/server.js';
import { scopes } from '../../extension/scopes/server.js';
import { type Relaxations, relaxationsOf } from '../../findings.js';
import type { Client } from '../../types.js';
import { pkcePart } from '../parts.js';
import { profileOf } from '../profile.js';
import { clausesOf, REVISION } from './clauses.js';
import { withNames } from './named.js';
import { type MCPProfileOptions, requireOptions } from './options.js';

/** The relaxations among the options, without `ignoreTrailingSlash`: the extension `resourceIndicators` reports that one. */
const RELAXATIONS: Relaxations<MCPProfileOptions> = {
  allowPrivateSchemes: {
    why: 'Any program on the user’s device may have registered the scheme, and then receives the code',
    section: 'RFC 8252 §8.1',
    remedy: 'Leave it out, and have native programs use https or http on the user’s own machine',
  },
};

/** The scope by which a client asks for a refresh token: "Refresh Tokens" of the revision. */
const OFFLINE_ACCESS = 'offline_access';

/** The table of MCP servers, with the lifetime of their tokens limited to `accessTokenLifetime`. */
function tableOf<C, U>({
  resource,
  scopes: words = [],
  accessTokenLifetime: most = 900,
}: MCPProfileOptions<C, U>): Readonly<Record<string, Resource<C>>> {
  const table = typeof resource === 'string' ? { [resource]: { scopes: words } } : resource;
  const shortened = Object.entries(table).map(([identifier, row]): [string, Resource<C>] => [
    identifier,
    { ...row, lifetime: Math.min(row.lifetime ?? most, most) },
  ]);
  return Object.fromEntries(shortened);
}

/**
 * Plugs in everything that the authorization server of an MCP server needs, by the revision of 2026-07-28: PKCE with S256 only (RFC 7636), short-lived tokens
 * for the MCP server (RFC 8707), clients that nobody has registered (Client ID Metadata Documents), `iss` (RFC 9207), `offline_access`, and the metadata (RFC
 * 8414).
 *
 * If there is one MCP server, a request that names no `resource` gets tokens for it.
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, if the server lacks what the revision requires, or has what OAuth 2.1 forbids
 * @example
 * const server = createServer<App, User>({ issuer: 'https://as.example', tokens, clients, allowOrigins: '*' });
 * server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)).exchange(exchange.refreshToken(tokens.refreshToken));
 * server.extend(...mcpProfile<App, User>({ resource: 'https://mcp.example/mcp', scopes: ['tools'] }));
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */
export function mcpProfile<C = Client, U = unknown>(options: MCPProfileOptions<C, U>): readonly Plug<C, U>[] {
  requireOptions(options);
  const { documents = {}, registration, allowPrivateSchemes, ignoreTrailingSlash = false } = options;
  const resources = tableOf(options);
  const [only, ...others] = Object.keys(resources);
  const words = Object.values(resources).flatMap((row) => row.scopes ?? []);
  return profileOf({
    name: 'mcpProfile',
    spec: REVISION,
    clauses: clausesOf(allowPrivateSchemes === true),
    appliesTo: () => true,
    isForAll: true,
    plugs: [
      pkcePart<C, U>(),
      scopes<C, U>([...new Set([...words, OFFLINE_ACCESS])]),
      resourceIndicators<C, U>({
        resources,
        ignoreTrailingSlash,
        ...(only !== undefined && others.length === 0 && { defaultResource: only }),
      }),
      ...(documents === false
        ? []
        : [clientIDMetadata<C, U>(withNames({ ...(allowPrivateSchemes && { allowPrivateSchemes }), ...documents }))]),
      ...(registration ? [registration] : []),
      metadata<C, U>(options.metadata),
    ],
    relaxations: relaxationsOf<MCPProfileOptions<C, U>>('mcpProfile', options, RELAXATIONS),
  });
}
