/** The Model Context Protocol, revision of 2026-07-28: what protects an MCP server. */
import type { Middleware } from 'koa';
import type { AccessToken } from '../../access-token.js';
import { type BearerOptions, type BearerState, bearer } from '../../bearer.js';
import { type ProtectedResource, protectedResource } from '../../extension/protected-resource/api.js';
import { type OptionNames, requireKnown } from '../../options.js';
import type { PresentationOptions } from '../../resource-server/token-in-request.js';
import type { Scope } from '../../types.js';

/** Options of `mcpResource()`. */
export interface MCPResourceOptions<T extends AccessToken = AccessToken>
  extends Omit<BearerOptions<T>, 'audience' | 'resource' | keyof PresentationOptions> {
  /** The URL of the MCP server: what clients name in `resource`, and the audience of its tokens, compared as text. */
  readonly resource: string;
  /** The issuers of the authorization servers whose tokens it takes. */
  readonly authorizationServers: readonly string[];
  /** The least that a client needs for basic use; it asks for more when it is refused. Default: `scope`. */
  readonly scopesSupported?: Scope;
  /** What clients may call it. Default: none. */
  readonly resourceName?: string;
  /** Answers at the root of the host, too: see `protectedResource`. Default `true`, for clients that look there only. */
  readonly alsoAtRoot?: boolean;
}

const KNOWN: OptionNames<MCPResourceOptions> = {
  verify: true,
  realm: true,
  ignoreTrailingSlash: true,
  scope: true,
  allowOrigins: true,
  proofs: true,
  now: true,
  resource: true,
  authorizationServers: true,
  scopesSupported: true,
  resourceName: true,
  alsoAtRoot: true,
};

/** What `mcpResource()` gives: two middleware. */
export interface MCPResource<T extends AccessToken = AccessToken> {
  /** Answers with the protected resource metadata: at the top of the application. */
  readonly metadata: ProtectedResource;
  /** Lets requests with a valid token through: before the MCP server. */
  readonly bearer: Middleware<BearerState<T>>;
}

/** @throws TypeError */
function requireSensible<T extends AccessToken>(options: MCPResourceOptions<T>): void {
  requireKnown<MCPResourceOptions<T>>(options, KNOWN, 'mcpResource');
  const { authorizationServers, scope = [], scopesSupported = [] } = options;
  if (!Array.isArray(authorizationServers) || authorizationServers.length === 0)
    throw new TypeError('mcpResource({ authorizationServers }) is needed: the issuers of its tokens');
  // "Refresh Tokens" of the revision: they are not what a resource requires
  if ([...scope, ...scopesSupported].includes('offline_access'))
    throw new TypeError('mcpResource: offline_access is for the authorization server, and no scope of a resource');
}

/**
 * Protects an MCP server: its metadata (RFC 9728) at both places where clients look, and tokens that are for exactly this server (RFC 8707), in the `Authorization`
 * header only. Every refusal leads to the metadata and says the scope that is needed; routes and tools that need more say `requireScope`. Scripts of every origin may call
 * it: no cookie counts here.
 *
 * @throws TypeError for options that cannot be meant
 * @example
 * const mcp = mcpResource({ resource: 'https://mcp.example/mcp', authorizationServers: ['https://as.example'], scope: ['tools'], verify });
 * app.use(mcp.metadata);
 * router.all('/mcp', mcp.bearer, page);
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */
export function mcpResource<T extends AccessToken>(options: MCPResourceOptions<T>): MCPResource<T> {
  requireSensible(options);
  const { resource, authorizationServers, resourceName, alsoAtRoot = true, ...more } = options;
  const { scopesSupported = more.scope ?? [], ...guarding } = more;
  const document = {
    resource,
    authorization_servers: authorizationServers,
    scopes_supported: scopesSupported,
    ...(resourceName !== undefined && { resource_name: resourceName }),
  };
  const metadata = protectedResource(document, { alsoAtRoot });
  return {
    metadata,
    bearer: bearer<T>({ allowOrigins: '*', ...(guarding as BearerOptions<T>), audience: resource, resource: metadata }),
  };
}
