/**
 * @jmondi/oauth2-server with what its documentation has the application write: login, dialog, metadata, and tables in memory. Two public clients are
 * registered. It does not read `resource`, so each of its tokens counts as one for the only API that there is: the MCP server beside it, which is the toolkit's.
 */
import { randomUUID } from 'node:crypto';
import { AuthorizationServer, DateInterval, isOAuthError, JwtService, OAuthException } from '@jmondi/oauth2-server';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import session from 'koa-session';
import { listen } from './listen.mjs';
import { mcpAPI } from './mcp-api.mjs';

const SCOPE = 'mcp';
const inSeconds = (seconds) => new Date(Date.now() + seconds * 1000);

const clientOf = (id) => ({
  id,
  name: id,
  redirectUris: [`https://${id}.example/callback`],
  allowedGrants: ['authorization_code', 'refresh_token'],
  scopes: [{ name: SCOPE }],
});

/** What is there. @throws OAuthException */
function found(value, error = OAuthException.invalidGrant) {
  if (value === undefined) throw error.call(OAuthException);
  return value;
}

function repositories() {
  const clients = new Map(['one', 'two'].map((id) => [id, clientOf(id)]));
  const [codes, access, refresh] = [new Map(), new Map(), new Map()];
  return {
    access,
    clients: {
      getByIdentifier: async (id) => found(clients.get(id), OAuthException.invalidClient),
      isClientValid: async (type, client) => client.allowedGrants.includes(type),
    },
    scopes: {
      getAllByIdentifiers: async (names) => names.filter((name) => name === SCOPE).map((name) => ({ name })),
      finalize: async (scopes) => scopes,
    },
    users: { getUserByCredentials: async (id) => ({ id }) },
    codes: {
      getByIdentifier: async (code) => found(codes.get(code)),
      issueAuthCode: (client, user, scopes) => ({ code: randomUUID(), expiresAt: inSeconds(60), client, user, scopes }),
      persist: async (code) => void codes.set(code.code, code),
      isRevoked: async (code) => !codes.has(code),
      revoke: async (code) => void codes.delete(code),
    },
    tokens: {
      issueToken: async (client, scopes, user) => ({
        accessToken: randomUUID(),
        accessTokenExpiresAt: inSeconds(600),
        client,
        scopes,
        user,
      }),
      persist: async (token) => void access.set(token.accessToken, token),
      async issueRefreshToken(token) {
        Object.assign(token, { refreshToken: randomUUID(), refreshTokenExpiresAt: inSeconds(3600) });
        refresh.set(token.refreshToken, token);
        return token;
      },
      async revoke(token) {
        access.delete(token.accessToken);
        refresh.delete(token.refreshToken);
      },
      isRefreshTokenRevoked: async (token) => !refresh.has(token.refreshToken),
      getByRefreshToken: async (token) => found(refresh.get(token)),
    },
  };
}

const requestOf = ({ headers, query, request }) => ({ headers, query, body: request.body ?? {} });

function respond(ctx, { status, headers, body }) {
  ctx.status = status;
  ctx.set(headers);
  ctx.body = status === 302 ? '' : body;
}

const errors = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (!isOAuthError(error)) throw error;
    ctx.status = error.status;
    ctx.body = { error: error.errorType, error_description: error.errorDescription };
  }
};

const metadata = (issuer) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  response_types_supported: ['code'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_methods_supported: ['none'],
  code_challenge_methods_supported: ['S256'],
  scopes_supported: [SCOPE],
});

const DIALOG = `<p>Allow?</p><form method="post" action="/decision"><input type="hidden" name="transaction_id" value="ID">
  <button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form>`;

function pages(server) {
  const waiting = new Map();
  const router = new Router();
  const login = (ctx, next) => (ctx.session.user ? next() : ctx.throw(401));
  router.get('/login/:user', (ctx) => {
    ctx.session.user = ctx.params.user;
    ctx.status = 204;
  });
  router.get('/authorize', login, async (ctx) => {
    const id = randomUUID();
    waiting.set(id, { request: await server.validateAuthorizationRequest(requestOf(ctx)), user: ctx.session.user });
    ctx.set('X-Frame-Options', 'DENY');
    ctx.type = 'html';
    ctx.body = DIALOG.replace('ID', id);
  });
  router.post('/decision', login, async (ctx) => {
    const { transaction_id: id, decision } = ctx.request.body;
    const { request, user } = waiting.get(id) ?? ctx.throw(400);
    if (user !== ctx.session.user) return ctx.throw(403);
    waiting.delete(id);
    Object.assign(request, { user: { id: user }, isAuthorizationApproved: decision !== 'deny' });
    respond(ctx, await server.completeAuthorizationRequest(request));
  });
  router.post('/token', async (ctx) => respond(ctx, await server.respondToAccessTokenRequest(requestOf(ctx))));
  return router;
}

function application(issuer) {
  const kept = repositories();
  const jwt = new JwtService('a secret for tests, which is long enough');
  const server = new AuthorizationServer(kept.clients, kept.tokens, kept.scopes, jwt, { issuer, requiresS256: true });
  const lifetime = new DateInterval('600s');
  const grant = { grant: 'authorization_code', authCodeRepository: kept.codes, userRepository: kept.users };
  server.enableGrantTypes([grant, lifetime], ['refresh_token', lifetime]);
  const resource = `${issuer}/mcp`;
  const verify = async (token) => {
    const claims = await jwt.verify(token).catch(() => undefined);
    return claims && kept.access.has(claims.jti) ? { scope: [SCOPE], audience: [resource] } : undefined;
  };
  const api = mcpAPI(issuer, { verify, scope: SCOPE });
  const router = pages(server);
  router.get('/.well-known/oauth-authorization-server', (ctx) => {
    ctx.body = metadata(issuer);
  });
  const app = new Koa();
  app.silent = true;
  app.keys = ['a key for tests'];
  app
    .use(session({ sameSite: 'lax' }, app))
    .use(errors)
    .use(bodyParser())
    .use(router.routes());
  const answer = app.callback();
  return (request, response) => (api.isFor(request) ? api.answer : answer)(request, response);
}

const registered = (id) => ({ client_id: id, redirect_uri: `https://${id}.example/callback`, scope: SCOPE });

export async function startJmondi() {
  const { url, stop } = await listen(application);
  const logInAs = (user) => (visitor) => visitor.get(`${url}/login/${user}`);
  const users = { login: logInAs('alice'), loginOther: logInAs('mallory') };
  return {
    target: { resource: `${url}/mcp`, client: registered('one'), otherClient: registered('two'), ...users },
    stop,
  };
}
