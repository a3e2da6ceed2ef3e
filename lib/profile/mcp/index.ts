/** The Model Context Protocol, revision of 2026-07-28: `koauthorize/profile/mcp`. */
export { type MCPResource, type MCPResourceOptions, mcpResource } from './api.js';
export type { MCPProfileOptions, MCPRevision } from './options.js';
export { mcpProfile } from './server.js';
