/** koauthorize as its README and docs/ have it, with its defaults. */
import Router from '@koa/router';
import type { Middleware } from 'koa';
import { createServer, exchange, grant, introspection, type OAuth2State, pkce } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import { type BearerState, bearer } from 'koauthorize/resource-server';
import { memoryStore, type TokenStore, tokenService, type VerifiedToken } from 'koauthorize/tokens';
import { type App, api, type User } from '../../servers/clients.js';
import { listen } from './listen.js';
import { loginRoutes, newKoa, serverSideSessions, type WithSession } from './pages.js';
import { roundTrip } from './records.js';
import { examined, users } from './world.js';

function slowStore(): TokenStore {
  const store = memoryStore();
  return {
    put: (records, now, within) => roundTrip(() => store.put(records, now, within)),
    get: (id, now) => roundTrip(() => store.get(id, now)),
    consume: (id, consumption) => roundTrip(() => store.consume(id, consumption)),
    remove: (id) => roundTrip(() => store.remove(id)),
    revoke: (authorizationID, until, now) => roundTrip(() => store.revoke(authorizationID, until, now)),
    list: (subject, now) => roundTrip(() => store.list(subject, now)),
    listByClient: (clientID, now) => store.listByClient(clientID, now),
    close: () => store.close(),
  };
}

function readied(issuer: string) {
  const tokens = tokenService<App, User>({ store: slowStore() });
  const server = createServer<App, User>({ issuer });
  server.serializeClient((client) => client.client_id);
  server.deserializeClient((id) => examined.get(id) ?? null);
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .extend(pkce());
  return { server, tokens };
}

type Readied = ReturnType<typeof readied>;

function forPrograms({ server, tokens }: Readied) {
  const authenticate = clientAuthentication<App>({ find: (id) => examined.get(id), methods: [clientSecretBasic()] });
  const mayIntrospect = { resourceServer: (client: App) => client.client_id === api.client_id };
  const router = new Router<BearerState<VerifiedToken>>();
  router.post('/token', authenticate, server.token());
  router.post('/introspect', authenticate, server.endpoint(introspection(tokens.introspect, mayIntrospect)));
  router.get('/me', bearer({ verify: tokens.verify }), (ctx) => {
    ctx.body = { sub: ctx.state.token.subject };
  });
  return router.routes();
}

const login: Middleware<OAuth2State<App, User>, WithSession> = (ctx, next) => {
  const user = users.get(ctx.session.user ?? '');
  if (!user) return ctx.throw(401);
  ctx.state.user = user;
  return next();
};

function forPeople(sessions: Middleware, { server }: Readied) {
  const router = new Router<OAuth2State<App, User>, WithSession>();
  const authorization = server.authorization((clientID, redirectURI) => [examined.get(clientID), redirectURI]);
  router.get('/authorize', sessions, login, authorization, (ctx) => {
    ctx.body = { transaction_id: ctx.state.oauth2.transactionID };
  });
  router.post('/decision', sessions, login, server.decision());
  return router.routes();
}

listen((issuer) => {
  const app = newKoa();
  const [ready, sessions] = [readied(issuer), serverSideSessions(app)];
  app
    .use(ready.server.errorHandler())
    .use(loginRoutes(sessions))
    .use(forPrograms(ready))
    .use(forPeople(sessions, ready));
  return app.callback();
});
