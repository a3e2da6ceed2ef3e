/** What `mcpProfile()` takes. */
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
  /** The revision whose requirements are kept. Default `2026-07-28`. */
  readonly revision?: MCPRevision;
  /**
   * The MCP server that tokens are for: its URL, as its protected resource metadata has it. Of several, a table as that of
   * `resourceIndicators({ resources })`.
   */
  readonly resource: string | Readonly<Record<string, Resource<C>>>;
  /** The words of a scope that the MCP server of a single `resource` knows. Default: none. */
  readonly scopes?: Scope;
  /** Seconds that access tokens live at most, up to an hour. Default 900. */
  readonly accessTokenLifetime?: number;
  /** How clients are taken that nobody has registered: the options of `clientIDMetadata()`; `false` takes none. Default: its defaults. */
  readonly documents?: ClientIDMetadataOptions<C> | false;
  /** What lets clients register themselves, which the revision deprecates. Default: nothing. */
  readonly registration?: Plug<C, U>;
  /**
   * Takes redirect URIs with a scheme of an app's own: of registered clients any, such as `cursor://callback`; of clients with a document, and `application_type` `native`, those with a domain in it, such as
   * `com.example.app:/callback`. The revision has https and localhost only; some hosts have no other. Gives up that the answer goes where the client says: any program
   * on the device may have registered the scheme. Default `false`.
   */
  readonly allowPrivateSchemes?: boolean;
  /** Whether `https://mcp.example` and `https://mcp.example/` are one MCP server. Gives up that two may differ in the slash. Default `false`. */
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

/** @throws TypeError for options that cannot be meant */
export function requireOptions<C, U>(options: MCPProfileOptions<C, U>): void {
  requireKnown<MCPProfileOptions<C, U>>(options, KNOWN, 'mcpProfile');
  const { revision = '2026-07-28', resource, scopes, accessTokenLifetime = 900 } = options ?? {};
  if (revision !== '2026-07-28') throw new TypeError(`mcpProfile knows the revision 2026-07-28, and not ${revision}`);
  if (resource === undefined) throw new TypeError('mcpProfile({ resource }) is needed: the URL of the MCP server');
  if (scopes !== undefined && typeof resource !== 'string')
    throw new TypeError('mcpProfile({ scopes }) are those of one resource: of several, each has its own in the table');
  requireCount('mcpProfile({ accessTokenLifetime })', accessTokenLifetime, 1, HOUR);
}
