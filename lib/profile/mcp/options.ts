/** The options of `mcpProfile()`. */
import type { Plug } from '../../core.js';
import type { ClientIDMetadataOptions } from '../../extension/client-id-metadata/options.js';
import type { MetadataOptions } from '../../extension/metadata/server.js';
import type { Resource } from '../../extension/resource-indicators/options.js';
import { type OptionNames, requireCount, requireKnown } from '../../options.js';
import type { Client, Scope } from '../../types.js';

/** A revision of the Model Context Protocol, by its date. */
export type MCPRevision = '2026-07-28';

/** Options of `mcpProfile()`. */
export interface MCPProfileOptions<C = Client, U = unknown> {
  /** The revision whose requirements are enforced. Default `2026-07-28`. */
  readonly revision?: MCPRevision;
  /**
   * The MCP server that tokens are for: its URL, exactly as in its protected resource metadata. For several MCP servers, a table like that of
   * `resourceIndicators({ resources })`.
   */
  readonly resource: string | Readonly<Record<string, Resource<C>>>;
  /** The scope words that the MCP server knows, if `resource` is one URL. Default: none. */
  readonly scopes?: Scope;
  /** The longest lifetime of access tokens in seconds, at most 3,600. Default 900. */
  readonly accessTokenLifetime?: number;
  /** The options of `clientIDMetadata()`, for clients that nobody has registered; `false` accepts no such clients. Default: its defaults. */
  readonly documents?: ClientIDMetadataOptions<C> | false;
  /** The extension by which clients register themselves, which the revision deprecates. Default: none. */
  readonly registration?: Plug<C, U>;
  /**
   * Accepts redirect URIs with an app's own scheme: any scheme of a registered client, such as `cursor://callback`; of clients with a document and
   * `application_type` `native`, only schemes made of a domain, such as `com.example.app:/callback`. The revision allows https and localhost only, but some MCP
   * hosts have no other redirect URI. Any program on the device may have registered the scheme, and then receives the code. Default `false`.
   */
  readonly allowPrivateSchemes?: boolean;
  /**
   * Whether `https://mcp.example` and `https://mcp.example/` are the same MCP server. Tokens for one of two servers that differ only in the slash are then
   * accepted at the other. Default `false`.
   */
  readonly ignoreTrailingSlash?: boolean;
  /** Further members of the metadata. Default: none. */
  readonly metadata?: MetadataOptions;
}

const KNOWN: OptionNames<MCPProfileOptions> = {
  revision: true,
  resource: true,
  scopes: true,
  accessTokenLifetime: true,
  documents: true,
  registration: true,
  allowPrivateSchemes: true,
  ignoreTrailingSlash: true,
  metadata: true,
};

const HOUR = 3600;

/** @throws TypeError for invalid options */
export function requireOptions<C, U>(options: MCPProfileOptions<C, U>): void {
  requireKnown<MCPProfileOptions<C, U>>(options, KNOWN, 'mcpProfile');
  const { revision = '2026-07-28', resource, scopes, accessTokenLifetime = 900 } = options ?? {};
  if (revision !== '2026-07-28') throw new TypeError(`mcpProfile knows the revision 2026-07-28, and not ${revision}`);
  if (resource === undefined) throw new TypeError('mcpProfile({ resource }) is needed: the URL of the MCP server');
  if (scopes !== undefined && typeof resource !== 'string')
    throw new TypeError('mcpProfile({ scopes }) is for one resource: with several, each has its scopes in the table');
  requireCount('mcpProfile({ accessTokenLifetime })', accessTokenLifetime, 1, HOUR);
}
