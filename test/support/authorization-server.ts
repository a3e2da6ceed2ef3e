/** A small authorization server on real Koa parts, which tests change in one place and drive over HTTP. */
import { createHash, randomBytes } from 'node:crypto';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import {
  type Authorization,
  type Client,
  createServer,
  exchange,
  grant,
  issuer,
  type OAuth2State,
  pkce,
  type Server,
  type ServerOptions,
  setAuthenticatedClient,
} from 'koauthorize';
import request from 'supertest';

export interface App extends Client {
  readonly client_id: string;
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
}

export interface User {
  readonly id: string;
  readonly name: string;
}

export const ISSUER = 'https://as.example';
export const CALLBACK = 'https://client.example/callback';
export const CLIENT: App = { client_id: 'client', client_name: 'A client', redirect_uris: [CALLBACK] };
export const OTHER: App = {
  client_id: 'other',
  client_name: 'Another',
  redirect_uris: ['https://other.example/callback'],
};

/** RFC 7636 appendix B. */
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

export const random = (): string => randomBytes(16).toString('base64url');
export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

/** What a test may change. */
export interface Setup {
  readonly options?: ServerOptions<App, User>;
  readonly clients?: readonly App[];
  /** In place of the code grant, the exchanges, PKCE and issuer. */
  readonly plug?: (server: Server<App, User>) => void;
  readonly authorization?: (server: Server<App, User>) => Middleware;
  readonly decision?: (server: Server<App, User>) => Middleware;
  readonly resume?: (server: Server<App, User>) => Middleware;
  /** In place of a client authentication by hand. */
  readonly authenticate?: (server: Server<App, User>) => Middleware;
  /** In place of koa-session in cookie mode; false for no session at all. */
  readonly session?: ((app: Koa) => Middleware) | false;
  /** Before everything else. */
  readonly before?: Middleware;
  readonly dialog?: Middleware;
  readonly errorHandler?: (server: Server<App, User>) => Middleware;
  /** Further routes. */
  readonly routes?: (router: Router<OAuth2State<App, User>>, server: Server<App, User>) => void;
}

/** One store of codes and one of refresh tokens, in memory. */
export function issuing() {
  const codes = new Map<string, Authorization>();
  const refreshTokens = new Map<string, Authorization>();
  const take = (from: Map<string, Authorization>) => (key: string) => {
    const authorization = from.get(key);
    from.delete(key);
    return authorization;
  };
  const put = (into: Map<string, Authorization>, authorization: Authorization): string => {
    const key = random();
    into.set(key, authorization);
    return key;
  };
  return { codes, refreshTokens, take, put };
}

/** Code grant, code, refresh and client credentials exchanges in the checked form, PKCE and issuer. */
export function plugAll(server: Server<App, User>): void {
  const { codes, refreshTokens, take, put } = issuing();
  const tokens = (authorization: Authorization) => ({
    access_token: random(),
    expires_in: 3600,
    refresh_token: put(refreshTokens, authorization),
  });
  server
    .grant(grant.code({ issue: (_txn, authorization) => put(codes, authorization) }))
    .exchange(exchange.code({ redeem: take(codes), issue: tokens }))
    .exchange(exchange.refreshToken({ redeem: take(refreshTokens), issue: tokens }))
    .exchange(exchange.clientCredentials(() => [random(), { expires_in: 3600 }]))
    .extend(pkce())
    .extend(issuer(ISSUER));
}

/** Every client's secret is its `client_id` and `-secret`; Basic only, and unlike RFC 6749 nothing is decoded. */
export function authenticateClient(clients: readonly App[]): Middleware {
  return async (ctx, next) => {
    const [id, secret] = Buffer.from(ctx.get('Authorization').slice(6), 'base64').toString().split(':');
    const client = clients.find(({ client_id }) => client_id === id && secret === `${id}-secret`);
    if (!client) return next();
    ctx.state['user'] = client; // as passport does, for middleware by hand
    setAuthenticatedClient(ctx, client);
    await next();
  };
}

/** `X-User` is who is logged in. */
const login: Middleware = async (ctx, next) => {
  const id = ctx.get('X-User');
  if (id) ctx.state['user'] = { id, name: `User ${id}` };
  await next();
};

/** The server, its Koa application, and the errors that the operator saw. */
export function authorizationServer(setup: Setup = {}) {
  const clients = setup.clients ?? [CLIENT, OTHER];
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  const server = createServer<App, User>(setup.options);
  server.serializeClient(({ client_id }) => client_id);
  server.deserializeClient((id) => find(id) ?? null);
  (setup.plug ?? plugAll)(server);

  const app = new Koa();
  const errors: Error[] = [];
  app.keys = ['a key for tests'];
  app.on('error', (error) => errors.push(error));
  if (setup.before) app.use(setup.before);
  if (setup.session !== false) app.use(setup.session ? setup.session(app) : session(app));
  app.use(setup.errorHandler ? setup.errorHandler(server) : server.errorHandler());

  const dialog: Middleware = (ctx) => {
    const { transactionID, client, req, user, info, locals } = ctx.state['oauth2'];
    ctx.body = { transactionID, client, req, user, info, locals };
  };
  const authorization = setup.authorization?.(server) ?? server.authorization((id, uri) => [find(id), uri]);
  const router = new Router<OAuth2State<App, User>>();
  router.get('/authorize', login, authorization, setup.dialog ?? dialog);
  router.post('/authorize', login, authorization, setup.dialog ?? dialog);
  router.post('/decision', login, setup.decision?.(server) ?? server.decision());
  if (setup.resume) router.get('/resume', login, setup.resume(server), setup.dialog ?? dialog);
  const authenticate = setup.authenticate?.(server) ?? authenticateClient(clients);
  router.all('/token', authenticate, server.token());
  setup.routes?.(router, server);
  app.use(router.routes());
  return { server, app, errors, find };
}

/** The parameters of a good authorization request. */
export const REQUEST = {
  response_type: 'code',
  client_id: CLIENT.client_id,
  redirect_uri: CALLBACK,
  scope: 'read write',
  state: 'a state',
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
} as const;

export type Params = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The parameters of the redirect in a response's Location. */
export function redirected(response: { readonly headers: Readonly<Record<string, string>> }): Record<string, string> {
  const { searchParams, hash } = new URL(response.headers['location'] ?? 'about:blank');
  return Object.fromEntries([...searchParams, ...new URLSearchParams(hash.slice(1))]);
}

/** A browser, with a jar for cookies, and a user who is logged in. */
export function browser(app: Koa, user = 'alice') {
  const agent = request.agent(app.callback());
  const authorize = (params: Params = {}) =>
    agent
      .get('/authorize')
      .set('X-User', user)
      .query({ ...REQUEST, ...params });
  const decide = (transactionID: string | undefined, more: object = {}) =>
    agent
      .post('/decision')
      .set('X-User', user)
      .type('form')
      .send({ ...(transactionID && { transaction_id: transactionID }), ...more });
  /** From request to code. */
  const allow = async (params: Params = {}, more: object = {}): Promise<Record<string, string>> => {
    const dialog = await authorize(params);
    return redirected(await decide(dialog.body.transactionID, more));
  };
  return { agent, authorize, decide, allow };
}

/** A token request of a client that authenticates with Basic. */
export function tokenRequest(app: Koa, params: object, client: App = CLIENT) {
  return request(app.callback())
    .post('/token')
    .auth(client.client_id, `${client.client_id}-secret`)
    .type('form')
    .send(params);
}

/** A token request for a code. */
export function exchangeCode(app: Koa, code: string | undefined, more: object = {}, client: App = CLIENT) {
  const params = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  return tokenRequest(app, { ...params, ...more }, client);
}
