/** A server that approves everyone: an MCP server without a lock, and an authorization server that says yes to whatever comes. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningMCP } from './server.js';

const json = (response: ServerResponse, body: object, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

function documents(issuer: string): Readonly<Record<string, object>> {
  return {
    '/.well-known/oauth-protected-resource/mcp': { resource: `${issuer}/mcp`, authorization_servers: [issuer] },
    '/.well-known/oauth-authorization-server': {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      registration_endpoint: `${issuer}/register`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
    },
    '/token': { access_token: 'yes', token_type: 'Bearer', refresh_token: 'yes' },
  };
}

/** Whoever has any token gets in; only nobody at all is told where to get one. */
function api(request: IncomingMessage, response: ServerResponse, issuer: string): void {
  if (request.headers.authorization) {
    json(response, { jsonrpc: '2.0', id: 1, result: {} });
    return;
  }
  const metadata = `${issuer}/.well-known/oauth-protected-resource/mcp`;
  response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${metadata}"` }).end();
}

async function answer(request: IncomingMessage, response: ServerResponse, issuer: string): Promise<void> {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { pathname, searchParams } = new URL(request.url ?? '', issuer);
  const document = documents(issuer)[pathname];
  if (pathname === '/mcp') api(request, response, issuer);
  else if (pathname === '/register') json(response, { client_id: 'yes', ...JSON.parse(body) }, 201);
  else if (pathname === '/authorize') {
    const to = new URL(searchParams.get('redirect_uri') ?? issuer);
    to.searchParams.set('code', 'yes');
    to.searchParams.set('state', searchParams.get('state') ?? '');
    response.writeHead(302, { location: to.href }).end();
  } else if (document) json(response, document);
  else response.writeHead(404).end();
}

export async function startCareless(): Promise<RunningMCP> {
  const server = createServer((request, response) => void answer(request, response, issuer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    target: { resource: `${issuer}/mcp` },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
