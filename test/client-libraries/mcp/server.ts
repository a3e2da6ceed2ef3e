/** An MCP server of examples/mcp, and an authorization server by `mcpProfile()` at which clients may also register, have keys, and bring what an identity provider says. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import {
  type ClientMetadata,
  type ClientRegistrationOptions,
  clientRegistration,
  createServer as createAuthorizationServer,
  dpop,
  dpopNonces,
  exchange,
  grant,
  idJAG,
  jwtBearer,
  type OAuth2State,
  type RegisteredClient,
  registeredClients,
} from 'koauthorize';
import {
  clientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  none,
  privateKeyJwt,
} from 'koauthorize/client-auth';
import type { Fetch } from 'koauthorize/extending';
import { type MCPResourceOptions, mcpProfile } from 'koauthorize/profile/mcp';
import { dpopProof } from 'koauthorize/resource-server';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import type { Signer } from '../../support/request-object.js';

interface User {
  readonly id: string;
}

const EXAMPLE = new URL('../../../examples/mcp/', import.meta.url);
export const IDP = 'https://idp.example';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const GRANTS = ['authorization_code', 'refresh_token', 'client_credentials', JWT_BEARER];

const epoch = (): number => Math.floor(Date.now() / 1000);

export interface Setup {
  /** Fetches documents of clients. */
  readonly fetch: Fetch;
  /** Clients that were registered by hand. */
  readonly clients: readonly RegisteredClient[];
  /** The identity provider. */
  readonly idp: Signer;
  /** Epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
  /** Default: `withoutScope`. */
  readonly review?: ClientRegistrationOptions['review'];
}

/** A request to the token endpoint. */
export interface TokenRequest {
  readonly params: URLSearchParams;
  readonly dpop: string | undefined;
}

export interface Running {
  readonly url: string;
  /** What came to the token endpoint. */
  readonly tokenRequests: TokenRequest[];
  stop(): void;
}

/** Both SDKs register with the scope of the first 401, to which a client is held (RFC 7591 §2). What they ask for later, the user decides. */
const withoutScope = (metadata: ClientMetadata): ClientMetadata => {
  const { scope: _first, ...kept } = metadata;
  return metadata.grant_types?.includes('authorization_code') ? kept : metadata;
};

function authorizationServer(url: string, { fetch, clients, idp, now = epoch, review = withoutScope }: Setup) {
  const resource = `${url}/mcp`;
  const nonces = dpopNonces();
  const store = memoryStore();
  const tokens = tokenService<RegisteredClient, User>({ store });
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  const server = createAuthorizationServer<RegisteredClient, User>({
    issuer: url,
    tokens,
    clients: { find },
    now,
    allowOrigins: '*',
  });
  // whoever may register a client for client credentials gets tokens for it: a server that is not a test says by `initialAccess` who may
  const registration = clientRegistration<RegisteredClient, User>({
    clients: registeredClients(store),
    allowAnyone: true,
    grantTypes: GRANTS,
    review,
  });
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .extend(dpop({ nonces }))
    .extend(
      jwtBearer({
        issuers: { [IDP]: { jwks: idp.jwks, profile: idJAG() } },
        authorize: ({ subject }) => subject === 'U17' && { user: { id: 'alice' } },
      }),
    )
    .extend(
      ...mcpProfile<RegisteredClient, User>({
        resource,
        scopes: ['notes:read', 'notes:write'],
        documents: { fetch, grantTypes: GRANTS },
        registration,
      }),
    );
  return { server, tokens, nonces };
}

async function application(url: string, setup: Setup, tokenRequests: TokenRequest[]): Promise<Koa> {
  const { server, tokens, nonces } = authorizationServer(url, setup);
  const methods = [none(), clientSecretBasic(), clientSecretPost(), privateKeyJwt()];
  const authenticateClient = clientAuthentication<RegisteredClient>({ server, methods });
  const alice: Middleware = (ctx, next) => {
    ctx.state['user'] = { id: 'alice' };
    return next();
  };
  const router = new Router<OAuth2State<RegisteredClient, User>>();
  router.get('/authorize', alice, server.authorization(), (ctx) => {
    ctx.body = `<input name="transaction_id" value="${ctx.state.oauth2.transactionID}">`;
  });
  router.post('/authorize/decision', alice, server.decision());
  server.mount(router, { authenticateClient });

  const { mcpServer } = (await import(new URL('server.ts', EXAMPLE).href)) as {
    mcpServer(options: Omit<MCPResourceOptions, 'scope'>): Koa;
  };
  const mcp = mcpServer({
    resource: `${url}/mcp`,
    authorizationServers: [url],
    verify: tokens.verify,
    proofs: [dpopProof({ nonces })],
    ...(setup.now && { now: setup.now }),
  });
  const app = new Koa();
  app.keys = ['a key for tests'];
  app.silent = true;
  app
    .use(session({ sameSite: 'lax' }, app))
    .use(watch(tokenRequests))
    .use(server.errorHandler())
    .use(router.routes());
  for (const middleware of mcp.middleware) app.use(middleware);
  return app;
}

/** Reads along at the token endpoint. */
function watch(tokenRequests: TokenRequest[]): Middleware {
  const parse = bodyParser({ enableTypes: ['form'] });
  return (ctx, next) => {
    if (ctx.path !== '/token') return next();
    return parse(ctx, () => {
      const { body } = ctx.request as { body?: Record<string, string> };
      tokenRequests.push({ params: new URLSearchParams(body), dpop: ctx.get('DPoP') || undefined });
      return next();
    });
  };
}

export async function startServers(setup: Setup): Promise<Running> {
  const http: Server = createServer();
  await new Promise<void>((resolve) => http.listen(0, resolve));
  const url = `http://localhost:${(http.address() as AddressInfo).port}`;
  const tokenRequests: TokenRequest[] = [];
  http.on('request', (await application(url, setup, tokenRequests)).callback());
  return {
    url,
    tokenRequests,
    stop() {
      http.closeAllConnections();
      http.close();
    },
  };
}
