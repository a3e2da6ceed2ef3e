/**
 * @node-oauth/oauth2-server on Koa, wrapped as its wrappers do it. It makes the code in the request that the user agrees in, so login,
 * session and what waits for the decision are the application's, and so is that PKCE is required, as it leaves it to the client. Tokens come
 * from the application by `generate...`, since its own need the thread pool. It has no introspection.
 */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import OAuth2Server, {
  type AuthorizationCode,
  type AuthorizationCodeModel,
  type Client,
  type ClientCredentialsModel,
  type RefreshToken,
  type RefreshTokenModel,
  type Token,
} from '@node-oauth/oauth2-server';
import Koa, { type Middleware, type ParameterizedContext } from 'koa';
import session from 'koa-session';
import { type App, alice, apps, LIFETIMES } from './clients.js';
import { isSame, newToken } from './peers/application.js';
import { serve } from './serve.js';

/** A client in its words. */
function entity({ client_id, client_secret, grant_types, redirect_uris, scope }: App): Client {
  return {
    id: client_id,
    secret: client_secret,
    grants: grant_types,
    redirectUris: redirect_uris,
    scope: scope.split(' '),
  };
}

const clients = new Map([...apps].map(([id, app]) => [id, entity(app)]));
const codes = new Map<string, AuthorizationCode>();
const accessTokens = new Map<string, Token>();
const refreshTokens = new Map<string, RefreshToken>();

const model: AuthorizationCodeModel & ClientCredentialsModel & RefreshTokenModel = {
  // null: the client of an authorization request. undefined: of a token request that brings no secret.
  async getClient(id, secret: string | null | undefined) {
    const client = clients.get(id);
    return client && (secret === null || isSame(secret ?? '', client['secret'])) ? client : undefined;
  },
  async getUserFromClient({ id }) {
    return { client_id: id };
  },
  async validateScope(_user, client, scope = client['scope']) {
    return scope.every((word: string) => client['scope'].includes(word)) && scope;
  },

  generateAuthorizationCode: async () => newToken(),
  generateAccessToken: async () => newToken(),
  generateRefreshToken: async () => newToken(),

  async saveAuthorizationCode(code, client, user) {
    const kept = { ...code, client, user };
    codes.set(code.authorizationCode, kept);
    return kept;
  },
  async getAuthorizationCode(code) {
    return codes.get(code);
  },
  async revokeAuthorizationCode({ authorizationCode }) {
    return codes.delete(authorizationCode);
  },

  async saveToken(token, client, user) {
    const kept = { ...token, client, user };
    accessTokens.set(token.accessToken, kept);
    if (token.refreshToken) refreshTokens.set(token.refreshToken, { ...kept, refreshToken: token.refreshToken });
    return kept;
  },
  async getAccessToken(token) {
    return accessTokens.get(token);
  },
  async getRefreshToken(token) {
    return refreshTokens.get(token);
  },
  async revokeToken({ refreshToken }) {
    return refreshTokens.delete(refreshToken);
  },
};

const oauth = new OAuth2Server({
  model,
  accessTokenLifetime: LIFETIMES.accessToken,
  authorizationCodeLifetime: LIFETIMES.code,
  refreshTokenLifetime: LIFETIMES.refreshToken,
});

type Fields = Record<string, string>;

function requestOf({ headers, method, query, request }: ParameterizedContext): OAuth2Server.Request {
  const { body = {} } = request as { body?: Fields };
  return new OAuth2Server.Request({ headers: headers as Fields, method, query: query as Fields, body });
}

function respond(ctx: ParameterizedContext, { status = 200, headers = {}, body }: OAuth2Server.Response): void {
  ctx.status = status;
  ctx.set(headers);
  ctx.body = status === 302 ? '' : body;
}

/** What it throws after it has filled the response, and what it throws before. */
async function answer<T>(
  ctx: ParameterizedContext,
  handle: (response: OAuth2Server.Response) => Promise<T>,
): Promise<T | undefined> {
  const response = new OAuth2Server.Response();
  try {
    const result = await handle(response);
    respond(ctx, response);
    return result;
  } catch (error) {
    if (!(error instanceof OAuth2Server.OAuthError)) throw error;
    if (response.status !== 302) Object.assign(response, { status: error.code, body: { error: error.name } });
    respond(ctx, response);
    return undefined;
  }
}

const app = new Koa();
app.silent = true; // no logs
app.keys = [newToken()];
const form = bodyParser();

const programs = new Router();
programs.post('/token', form, async (ctx) => {
  await answer(ctx, (response) => oauth.token(requestOf(ctx), response));
});
programs.get('/me', async (ctx) => {
  const token = await answer(ctx, (response) => oauth.authenticate(requestOf(ctx), response));
  if (token) ctx.body = 'id' in token.user ? { sub: token.user['id'] } : token.user;
});

interface WithSession {
  session: { user?: string; waiting?: Record<string, Fields> };
}

const login: Middleware<object, WithSession> = (ctx, next) => (ctx.session.user === alice.id ? next() : ctx.throw(401));

const pages = new Router<object, WithSession>();
const sessions = session({ sameSite: 'lax' }, app);
pages.get('/login', sessions, (ctx) => {
  ctx.session.user = alice.id;
  ctx.status = 204;
});
pages.get('/authorize', sessions, login, (ctx) => {
  const asked = { ...(ctx.query as Fields) };
  const { client_id = '', redirect_uri, code_challenge, code_challenge_method } = asked;
  const client = clients.get(client_id);
  // the user must not be asked about a client that is none, nor sent to where it did not register
  if (!client?.redirectUris?.includes(redirect_uri ?? '')) return ctx.throw(400);
  if (typeof code_challenge !== 'string' || code_challenge_method !== 'S256') return ctx.throw(400);
  const id = newToken();
  ctx.session.waiting = { ...ctx.session.waiting, [id]: asked };
  ctx.body = { transaction_id: id };
});
pages.post('/decision', sessions, login, form, async (ctx) => {
  const { headers, method, body = {} } = requestOf(ctx);
  const { [body.transaction_id]: query, ...others } = ctx.session.waiting ?? {};
  if (!query) return ctx.throw(400);
  ctx.session.waiting = others;
  const request = new OAuth2Server.Request({ headers: headers ?? {}, method: method ?? '', query });
  const authenticateHandler = { handle: () => ({ id: alice.id }) };
  await answer(ctx, (response) => oauth.authorize(request, response, { authenticateHandler }));
});

app.use(programs.routes()).use(pages.routes());
serve(app.callback());
