/**
 * koauthorize as its README and docs/ have it: an error handler before all, a router for programs, without a session, and one for people.
 * Their session stands in the routes, as in all servers here. Two things are said besides: the store's `max`, since a benchmark issues more than
 * 100,000 tokens, and `maxRefreshes`, since it refreshes one authorization more often than any client does.
 */
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import type { OAuth2State, Plug, ServerOptions } from 'koauthorize';
import type { BearerState } from 'koauthorize/resource-server';
import type { TokenServiceOptions, VerifiedToken } from 'koauthorize/tokens';
import { type App, alice, api, apps, type User } from './clients.js';

interface WithSession {
  session: { user?: string } | null;
}

const login: Middleware<OAuth2State<App, User>, WithSession> = (ctx, next) => {
  if (ctx.session?.user !== alice.id) return ctx.throw(401);
  ctx.state.user = alice;
  return next();
};

/** The modules of one build of the package: which build is measured is said by whoever asks for the application. */
export interface Build {
  readonly main: typeof import('koauthorize');
  readonly clientAuth: typeof import('koauthorize/client-auth');
  readonly resourceServer: typeof import('koauthorize/resource-server');
  readonly tokenService: typeof import('koauthorize/tokens');
}

/** What a server has besides. */
export interface Besides {
  readonly server?: ServerOptions<App, User>;
  readonly tokens?: Pick<TokenServiceOptions<App, User>, 'accessTokens'>;
  readonly extensions?: readonly Plug<App, User>[];
}

/** Everything is plugged in as docs/ has it. */
function readied(build: Build, besides: Besides) {
  const { createServer, exchange, grant, pkce } = build.main;
  const { memoryStore, tokenService } = build.tokenService;
  const tokens = tokenService<App, User>({
    store: memoryStore({ max: 10_000_000 }),
    maxRefreshes: Number.MAX_SAFE_INTEGER,
    ...besides.tokens,
  });
  const server = createServer<App, User>({ ...besides.server, ...(besides.server && { tokens }) });
  server.serializeClient((client) => client.client_id);
  server.deserializeClient((id) => apps.get(id) ?? null);
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .exchange(exchange.clientCredentials(tokens.clientCredentials))
    .extend(pkce());
  for (const extension of besides.extensions ?? []) server.extend(extension);
  return { server, tokens };
}

type Readied = ReturnType<typeof readied>;

function forPrograms(build: Build, { server, tokens }: Readied) {
  const { clientAuthentication, clientSecretBasic } = build.clientAuth;
  const authenticateClient = clientAuthentication<App>({ find: (id) => apps.get(id), methods: [clientSecretBasic()] });
  const mayIntrospect = { resourceServer: (client: App) => client.client_id === api.client_id };
  const introspect = server.endpoint(build.main.introspection(tokens.introspect, mayIntrospect));
  const router = new Router<BearerState<VerifiedToken>>();
  router.post('/token', authenticateClient, server.token());
  router.post('/introspect', authenticateClient, introspect);
  router.get('/me', build.resourceServer.bearer({ verify: tokens.verify }), (ctx) => {
    const { clientID, subject } = ctx.state.token;
    ctx.body = subject === undefined ? { client_id: clientID } : { sub: subject };
  });
  return router.routes();
}

function forPeople(app: Koa, { server }: Readied) {
  const router = new Router<OAuth2State<App, User>, WithSession>();
  const sessions = session({ sameSite: 'lax' }, app);
  router.get('/login', sessions, (ctx) => {
    ctx.session = { user: alice.id };
    ctx.status = 204;
  });
  router.get(
    '/authorize',
    sessions,
    login,
    server.authorization((clientID, redirectURI) => [apps.get(clientID), redirectURI]),
    (ctx) => {
      ctx.body = { transaction_id: ctx.state.oauth2.transactionID };
    },
  );
  router.post('/decision', sessions, login, server.decision());
  return router.routes();
}

export function application(build: Build, besides: Besides = {}): RequestListener {
  const app = new Koa();
  app.keys = [randomBytes(32).toString('hex')];
  const ready = readied(build, besides);
  app.use(ready.server.errorHandler()).use(forPrograms(build, ready)).use(forPeople(app, ready));
  return app.callback();
}
