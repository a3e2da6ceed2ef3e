/** An authorization server with client authentication and an API, on a port of its own, whose user is alice, who allows everything. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import Koa from 'koa';
import session from 'koa-session';
import {
  createServer as createAuthorizationServer,
  exchange,
  grant,
  type IssuerOptions,
  introspection,
  issuer,
  metadata,
  type PKCEOptions,
  pkce,
  revocation,
} from 'koauthorize';
import {
  clientAuthentication,
  clientSecretBasic,
  clientSecretJwt,
  clientSecretPost,
  none,
  privateKeyJwt,
} from 'koauthorize/client-auth';
import { type BearerState, bearer } from 'koauthorize/resource-server';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import type { User } from './authorization-server.js';
import type { Registered } from './client-auth.js';

const alice: Koa.Middleware = (ctx, next) => {
  ctx.state['user'] = { id: 'alice', name: 'Alice' };
  return next();
};

/** What it takes to have some of its clients. */
export interface ServerOptions {
  readonly pkce?: PKCEOptions<Registered>;
  readonly issuer?: IssuerOptions<Registered>;
}

function application(url: string, clients: readonly Registered[], options: ServerOptions): Koa {
  const tokens = tokenService<Registered, User>({ store: memoryStore() });
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  const assertions = { issuer: url, useOnce: tokens.useOnce };
  const authenticate = clientAuthentication<Registered>({
    find,
    methods: [clientSecretBasic(), clientSecretPost(), none(), privateKeyJwt(assertions), clientSecretJwt(assertions)],
  });
  const server = createAuthorizationServer<Registered, User>()
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .extend(pkce(options.pkce))
    .extend(issuer(url, options.issuer))
    .extend(authenticate);
  server.serializeClient(({ client_id }) => client_id);
  server.deserializeClient((id) => find(id) ?? null);

  const people = new Router();
  people.get(
    '/authorize',
    alice,
    server.authorization(
      (id, uri) => [find(id), uri],
      () => true,
    ) as Koa.Middleware,
  );
  const programs = new Router<BearerState>();
  programs.post('/token', authenticate, server.token());
  programs.post('/introspect', authenticate, server.endpoint(introspection(tokens.introspect)));
  programs.post('/revoke', authenticate, server.endpoint(revocation(tokens.revoke)));
  const document = metadata<Registered, User>({ authorization_endpoint: '/authorize', token_endpoint: '/token' });
  programs.get('/.well-known/oauth-authorization-server', server.endpoint(document));
  programs.get('/me', bearer({ verify: tokens.verify }), (ctx) => {
    ctx.body = { client: ctx.state.token.clientID, user: ctx.state.token.subject };
  });

  const app = new Koa();
  app.keys = ['a key for tests'];
  app.on('error', () => {});
  app.use(session(app)).use(server.errorHandler()).use(people.routes()).use(programs.routes());
  return app;
}

const listening: Server[] = [];

/** Listens first, as whatever is served has its own URL in it. */
export async function serve(appOf: (url: string) => Koa | Promise<Koa>): Promise<string> {
  const http = createServer();
  listening.push(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  http.on('request', (await appOf(url)).callback());
  return url;
}

export const startAuthorizationServer = (
  clients: readonly Registered[],
  options: ServerOptions = {},
): Promise<string> => serve((url) => application(url, clients, options));

export async function stopAll(): Promise<void> {
  for (const http of listening.splice(0)) {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  }
}
