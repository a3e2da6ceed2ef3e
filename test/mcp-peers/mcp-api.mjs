/** An MCP server of the toolkit, beside authorization servers that have none of their own. */
import Koa from 'koa';
import { bearer, protectedResource } from 'koauthorize/resource-server';

/**
 * @param {string} url where it is
 * @param {{ verify: import('koauthorize/resource-server').Verify, scope: string }} options
 */
export function mcpAPI(url, { verify, scope }) {
  const resource = `${url}/mcp`;
  const described = protectedResource({ resource, authorization_servers: [url], scopes_supported: [scope] });
  const app = new Koa();
  app.silent = true;
  app.use(described).use(bearer({ verify, audience: resource, resource: described, scope: [scope] }));
  app.use((ctx) => {
    ctx.body = { jsonrpc: '2.0', id: 1, result: {} };
  });
  const answer = app.callback();
  /** Whether a request is for it. */
  const isFor = ({ url: path = '' }) =>
    path.startsWith('/mcp') || path.startsWith('/.well-known/oauth-protected-resource');
  return { resource, answer, isFor };
}
