/** The Model Context Protocol, revision of 2026-07-28: the protection of an MCP server. */
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
  /** The URL of the MCP server. Clients send it in `resource`, and tokens must have exactly this text in `aud`. */
  readonly resource: string;
  /** The issuers of the authorization servers whose tokens it accepts. */
  readonly authorizationServers: readonly string[];
  /** The scope that a client needs for basic use; it asks for more when a request is refused. Default: `scope`. */
  readonly scopesSupported?: Scope;
  /** The name of the MCP server that clients may show to users. Default: none. */
  readonly resourceName?: string;
  /** Whether the metadata is also at the root of the host: see `protectedResource`. Default `true`, because some clients look only there. */
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
  /** Answers with the protected resource metadata. Put it at the top of the application. */
  readonly metadata: ProtectedResource;
  /** Lets only requests with a valid token through. Put it before the MCP server. */
  readonly bearer: Middleware<BearerState<T>>;
}

/** @throws TypeError */
function requireSensible<T extends AccessToken>(options: MCPResourceOptions<T>): void {
  requireKnown<MCPResourceOptions<T>>(options, KNOWN, 'mcpResource');
  const { authorizationServers, scope = [], scopesSupported = [] } = options;
  if (!Array.isArray(authorizationServers) || authorizationServers.length === 0)
    throw new TypeError('mcpResource({ authorizationServers }) is needed: the issuers of its tokens');
  // "Refresh Tokens" of the revision: a resource must not require offline_access
  if ([...scope, ...scopesSupported].includes('offline_access'))
    throw new TypeError('mcpResource: offline_access is for the authorization server, and no scope of a resource');
}

/**
 * Protects an MCP server. It publishes the metadata (RFC 9728) at both places where clients look for it, and accepts only tokens for exactly this server (RFC
 * 8707), in the `Authorization` header. Every refusal names the URL of the metadata and the scope that is needed; use `requireScope` for routes and tools that
 * need more. Scripts of every origin may call the server: it does not use cookies.
 *
 * @throws TypeError for invalid options
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
