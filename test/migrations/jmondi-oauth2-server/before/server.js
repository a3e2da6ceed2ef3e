// The application as it was written for @jmondi/oauth2-server, on Koa: login, remembered consent, JWTs with a claim of its own, an API.
import { AuthorizationServer, JwtService, OAuthException, OAuthRequest } from '@jmondi/oauth2-server';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import { jwtVerify } from 'jose';
import Koa from 'koa';
import { users } from '../../database.js';
import { listen } from '../../listen.js';
import { consentPage, login, loginRoutes, withSessions } from '../../login.js';
import { consents, SIGNING_SECRET } from '../tables.js';
import { clientRepository, codeRepository, scopeRepository, tokenRepository, userRepository } from './repositories.js';

/** Access tokens tell APIs what the user pays for. */
class Tokens extends JwtService {
  extraTokenFields({ user }) {
    return { plan: user.plan };
  }
}

const server = new AuthorizationServer(clientRepository, tokenRepository, scopeRepository, new Tokens(SIGNING_SECRET));
server.enableGrantType({ grant: 'authorization_code', authCodeRepository: codeRepository, userRepository });
server.enableGrantType('refresh_token');

/** A request of Koa as the library takes it. */
const requestOf = (ctx) => new OAuthRequest({ query: ctx.query, body: ctx.request.body, headers: ctx.headers });

function answer(ctx, { status, headers, body }) {
  ctx.status = status;
  ctx.set(headers);
  if (status !== 302) ctx.body = body;
}

async function errors(ctx, next) {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof OAuthException)) throw error;
    ctx.status = error.status;
    ctx.body = { error: error.errorType, error_description: error.errorDescription ?? error.message };
  }
}

async function complete(ctx, request) {
  request.user = ctx.state.user;
  request.isAuthorizationApproved = true;
  answer(ctx, await server.completeAuthorizationRequest(request));
}

async function authorize(ctx) {
  const request = await server.validateAuthorizationRequest(requestOf(ctx));
  const allowed = consents.get(`${ctx.state.user.id} ${request.client.id}`) ?? [];
  if (request.scopes.every(({ name }) => allowed.includes(name))) return complete(ctx, request);
  consentPage(ctx, request.client.name, { query: ctx.querystring });
}

/** The dialog's form has the query of the request, which is validated once more. */
async function decide(ctx) {
  const { query, cancel } = ctx.request.body;
  ctx.querystring = query;
  const request = await server.validateAuthorizationRequest(requestOf(ctx));
  if (cancel) return ctx.throw(403, 'Denied');
  await consents.put(
    `${ctx.state.user.id} ${request.client.id}`,
    request.scopes.map(({ name }) => name),
  );
  await complete(ctx, request);
}

/** Every API has the secret. */
async function token(ctx, next) {
  const sent = ctx.get('Authorization').replace(/^Bearer /, '');
  const secret = new TextEncoder().encode(SIGNING_SECRET);
  const verified = await jwtVerify(sent, secret, { algorithms: ['HS256'] }).catch(() => undefined);
  if (!verified?.payload.cid) return ctx.throw(401, { headers: { 'WWW-Authenticate': 'Bearer' } });
  ctx.state.token = verified.payload;
  await next();
}

const router = new Router();
router.get('/authorize', login, authorize);
router.post('/authorize/decision', login, decide);
router.post('/token', async (ctx) => answer(ctx, await server.respondToAccessTokenRequest(requestOf(ctx))));
router.get('/api/me', token, (ctx) => {
  const { sub, plan, scope } = ctx.state.token;
  ctx.body = { name: users.get(sub).name, plan, scope: scope.split(' ') };
});

const koa = new Koa();
koa.use(withSessions(koa)).use(errors).use(bodyParser()).use(loginRoutes.routes()).use(router.routes());
listen(koa);
