/** The benchmark's server of koauthorize, with revocation besides, and with another store and shorter lifetimes. */
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import { createServer, exchange, grant, introspection, type OAuth2State, pkce, revocation } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import { type BearerState, bearer } from 'koauthorize/resource-server';
import { type TokenService, type TokenStore, tokenService } from 'koauthorize/tokens';
import { type App, alice, api, apps, type User } from '../servers/clients.js';
import { GRACE, LIFETIMES } from './protocol.js';

function authorizationServer(tokens: TokenService<App, User>) {
  const server = createServer<App, User>();
  server.serializeClient(({ client_id }) => client_id);
  server.deserializeClient((id) => apps.get(id) ?? null);
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .extend(pkce());
  return server;
}

/** Who is logged in, in the session. */
const requireUser: Middleware = async (ctx, next) => {
  if (ctx['session']?.user !== alice.id) return ctx.throw(403);
  ctx.state['user'] = alice;
  await next();
};

/** @param answered told of each dialog that was answered */
export function loadedApp(store: TokenStore, answered: () => void): Koa {
  const tokens = tokenService<App, User>({ store, lifetimes: LIFETIMES, grace: GRACE });
  const server = authorizationServer(tokens);
  const app = new Koa();
  app.keys = ['a key of the load, which is nobody’s'];
  const withSession = session(app);
  const router = new Router<OAuth2State<App, User>>();
  router.get('/login', withSession, (ctx) => {
    ctx['session'] = { user: alice.id };
    ctx.status = 204;
  });
  const validate = (id: string, redirectURI: string | undefined) => [apps.get(id), redirectURI] as const;
  router.get('/authorize', withSession, requireUser, server.authorization(validate), (ctx) => {
    ctx.body = { transaction_id: ctx.state.oauth2.transactionID };
  });
  const decided: Middleware = async (_, next) => {
    await next();
    answered();
  };
  router.post('/decision', withSession, requireUser, decided, server.decision());
  const authenticate = clientAuthentication<App>({ find: (id) => apps.get(id), methods: [clientSecretBasic()] });
  const resourceServer = ({ client_id }: App): boolean => client_id === api.client_id;
  router.all('/token', authenticate, server.token());
  router.post('/introspect', authenticate, server.endpoint(introspection(tokens.introspect, { resourceServer })));
  router.post('/revoke', authenticate, server.endpoint(revocation(tokens.revoke)));

  const resource = new Router<BearerState>();
  resource.get('/me', bearer({ verify: tokens.verify }), (ctx) => {
    ctx.body = { sub: ctx.state.token.subject };
  });
  app.use(server.errorHandler());
  app.use(router.routes()).use(resource.routes());
  return app;
}
