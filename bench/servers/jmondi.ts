/**
 * @jmondi/oauth2-server on Koa, through an adapter like its own for Express. Access tokens are JWTs (HS256, as in its README, but with a
 * KeyObject for the key), and kept as well; codes and refresh tokens are opaque by its options, which costs it less. Login, session and what
 * waits for the decision are the application's, as its documentation has it, and so is the check of a bearer token: signature, then what is
 * kept.
 */
import { createSecretKey, randomBytes } from 'node:crypto';
import {
  AuthorizationRequest,
  AuthorizationServer,
  DateInterval,
  JwtService,
  type OAuthToken,
} from '@jmondi/oauth2-server';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import { alice, LIFETIMES } from './clients.js';
import { newToken } from './peers/application.js';
import { errors, requestFromKoa, respond, scopeRepository, type Waiting, waitingOf } from './peers/jmondi-koa.js';
import { authCodeRepository, clientRepository, tokenRepository, userRepository } from './peers/jmondi-repositories.js';
import { serve } from './serve.js';

// as a string, jsonwebtoken first tries to read it as PEM, each time: that more than doubles what a token costs
const jwt = new JwtService(createSecretKey(randomBytes(32)));
const server = new AuthorizationServer(clientRepository, tokenRepository, scopeRepository, jwt, {
  useOpaqueAuthorizationCodes: true,
  useOpaqueRefreshTokens: true,
});
const lifetime = new DateInterval(`${LIFETIMES.accessToken}s`);
server.enableGrantTypes(
  ['client_credentials', lifetime],
  ['refresh_token', lifetime],
  [{ grant: 'authorization_code', authCodeRepository, userRepository }, lifetime],
);

/** Signature and expiry, then what is kept. @see https://tsoauth2server.com "Protect Resources with an Access Token" */
async function validate(header: string): Promise<OAuthToken | undefined> {
  if (!header.startsWith('Bearer ')) return undefined;
  try {
    const { jti } = await jwt.verify(header.slice(7));
    const token = await tokenRepository.getByAccessToken(String(jti));
    return token.accessTokenExpiresAt < new Date() ? undefined : token;
  } catch {
    return undefined;
  }
}

const app = new Koa();
app.silent = true; // no logs
app.keys = [newToken()];
const form = bodyParser();

const programs = new Router();
programs.post('/token', form, async (ctx) => {
  respond(ctx, await server.respondToAccessTokenRequest(requestFromKoa(ctx)));
});
programs.post('/introspect', form, async (ctx) => {
  respond(ctx, await server.introspect(requestFromKoa(ctx)));
});
programs.get('/me', async (ctx) => {
  const token = await validate(ctx.get('Authorization'));
  if (!token) return ctx.throw(401, { headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } });
  ctx.body = token.user ? { sub: token.user.id } : { client_id: token.client.id };
});

interface WithSession {
  session: { user?: string; waiting?: Record<string, Waiting> };
}

const login: Middleware<object, WithSession> = (ctx, next) => (ctx.session.user === alice.id ? next() : ctx.throw(401));

const pages = new Router<object, WithSession>();
const sessions = session({ sameSite: 'lax' }, app);
pages.get('/login', sessions, (ctx) => {
  ctx.session.user = alice.id;
  ctx.status = 204;
});
pages.get('/authorize', sessions, login, async (ctx) => {
  const waiting = waitingOf(await server.validateAuthorizationRequest(requestFromKoa(ctx)));
  const id = newToken();
  ctx.session.waiting = { ...ctx.session.waiting, [id]: waiting };
  ctx.body = { transaction_id: id };
});
pages.post('/decision', sessions, login, form, async (ctx) => {
  const { transaction_id } = requestFromKoa(ctx).body;
  const { [transaction_id]: waiting, ...others } = ctx.session.waiting ?? {};
  if (!waiting) return ctx.throw(400);
  ctx.session.waiting = others;
  const { clientID, redirectUri, ...asked } = waiting;
  const client = await clientRepository.getByIdentifier(clientID);
  const request = new AuthorizationRequest('authorization_code', client, redirectUri, { id: alice.id });
  Object.assign(request, asked, { isAuthorizationApproved: true });
  respond(ctx, await server.completeAuthorizationRequest(request));
});

app.use(errors).use(programs.routes()).use(pages.routes());
serve(app.callback());
