/** The MCP SDK's own authorization server, with the provider of its examples: it is both servers, and logs everybody in. */
import { DemoInMemoryAuthProvider } from '@modelcontextprotocol/sdk/examples/server/demoInMemoryOAuthProvider.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { getOAuthProtectedResourceMetadataUrl, mcpAuthRouter } from '@modelcontextprotocol/sdk/server/auth/router.js';
import express from 'express';
import { listen } from './listen.mjs';

export async function startSDK() {
  const { url, stop } = await listen((issuer) => {
    const resource = new URL(`${issuer}/mcp`);
    const provider = new DemoInMemoryAuthProvider();
    const limits = { rateLimit: false };
    const app = express();
    app.use(
      mcpAuthRouter({
        provider,
        issuerUrl: new URL(issuer),
        resourceServerUrl: resource,
        scopesSupported: ['mcp:tools'],
        authorizationOptions: limits,
        tokenOptions: limits,
        clientRegistrationOptions: limits,
      }),
    );
    const resourceMetadataUrl = getOAuthProtectedResourceMetadataUrl(resource);
    app.all('/mcp', requireBearerAuth({ verifier: provider, requiredScopes: [], resourceMetadataUrl }), (_req, res) => {
      res.json({ jsonrpc: '2.0', id: 1, result: {} });
    });
    return app;
  });
  return { target: { resource: `${url}/mcp` }, stop };
}
