/**
 * koauthorize as its README and docs/ have it: an error handler before all, a router for programs, without a session, and one for people.
 * Their session stands in the routes, as in all servers here. Two things are said besides: the store's `max`, since a benchmark issues more than
 * 100,000 tokens, and `maxRefreshes`, since it refreshes one authorization more often than any client does.
 */
import { randomBytes } from 'node:crypto';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import { createServer, exchange, grant, introspection, type OAuth2State, pkce } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import { type BearerState, bearer } from 'koauthorize/resource-server';
import { memoryStore, tokenService, type VerifiedToken } from 'koauthorize/tokens';
import { type App, alice, api, apps, type User } from './clients.js';
import { serve } from './serve.js';

interface WithSession {
  session: { user?: string } | null;
}

const tokens = tokenService<App, User>({
  store: memoryStore({ max: 10_000_000 }),
  maxRefreshes: Number.POSITIVE_INFINITY,
});
const server = createServer<App, User>();
server.serializeClient((client) => client.client_id);
server.deserializeClient((id) => apps.get(id) ?? null);
server
  .grant(grant.code(tokens.code))
  .exchange(exchange.code(tokens.code))
  .exchange(exchange.refreshToken(tokens.refreshToken))
  .exchange(exchange.clientCredentials(tokens.clientCredentials))
  .extend(pkce());

const authenticateClient = clientAuthentication<App>({ find: (id) => apps.get(id), methods: [clientSecretBasic()] });

const programs = new Router<BearerState<VerifiedToken>>();
programs.post('/token', authenticateClient, server.token());
programs.post(
  '/introspect',
  authenticateClient,
  server.endpoint(introspection(tokens.introspect, { resourceServer: (client) => client.client_id === api.client_id })),
);
programs.get('/me', bearer({ verify: tokens.verify }), (ctx) => {
  const { clientID, subject } = ctx.state.token;
  ctx.body = subject === undefined ? { client_id: clientID } : { sub: subject };
});

const app = new Koa();
app.keys = [randomBytes(32).toString('hex')];

const login: Middleware<OAuth2State<App, User>, WithSession> = (ctx, next) => {
  if (ctx.session?.user !== alice.id) return ctx.throw(401);
  ctx.state.user = alice;
  return next();
};

const pages = new Router<OAuth2State<App, User>, WithSession>();
const sessions = session({ sameSite: 'lax' }, app);
pages.get('/login', sessions, (ctx) => {
  ctx.session = { user: alice.id };
  ctx.status = 204;
});
pages.get(
  '/authorize',
  sessions,
  login,
  server.authorization((clientID, redirectURI) => [apps.get(clientID), redirectURI]),
  (ctx) => {
    ctx.body = { transaction_id: ctx.state.oauth2.transactionID };
  },
);
pages.post('/decision', sessions, login, server.decision());

app.use(server.errorHandler()).use(programs.routes()).use(pages.routes());
serve(app.callback());
