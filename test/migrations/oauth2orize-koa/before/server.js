// The application as it was written for oauth2orize-koa: login, remembered consent, codes, refresh tokens, an API.
import { createHash } from 'node:crypto';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import oauth2orize from 'oauth2orize-koa';
import { matches, users } from '../../database.js';
import { listen } from '../../listen.js';
import { consentPage, login, loginRoutes, withSessions } from '../../login.js';
import { accessTokens, clients, codes, consents, hashOf, refreshTokens, uid } from '../tables.js';

const HOUR = 60 * 60 * 1000;
const server = oauth2orize.createServer();

server.serializeClient((client) => client.id);
server.deserializeClient((id) => clients.get(id));

// RFC 7636, which the library does not know
server.grant('*', 'request', (ctx) => ({ challenge: ctx.query.code_challenge }));

server.grant(
  oauth2orize.grant.code(async (client, redirectURI, user, _ares, areq) => {
    const code = uid();
    const scope = areq.scope ?? [];
    const { challenge } = areq;
    const expires = Date.now() + HOUR / 6;
    await codes.put(hashOf(code), { clientID: client.id, userID: user.id, scope, redirectURI, challenge, expires });
    await consents.put(`${user.id} ${client.id}`, scope);
    return code;
  }),
);

async function makeTokens({ clientID, userID, scope }) {
  const [accessToken, refreshToken] = [uid(), uid()];
  await accessTokens.put(hashOf(accessToken), { clientID, userID, scope, expires: Date.now() + HOUR });
  await refreshTokens.put(hashOf(refreshToken), { clientID, userID, scope });
  return [accessToken, refreshToken, { expires_in: HOUR / 1000 }];
}

server.exchange(
  oauth2orize.exchange.code(async (client, code, redirectURI, body) => {
    const row = codes.get(hashOf(code));
    if (row?.clientID !== client.id || row.redirectURI !== redirectURI || row.expires < Date.now()) return false;
    const { code_verifier: verifier = '' } = body;
    if (row.challenge && row.challenge !== createHash('sha256').update(verifier).digest('base64url')) return false;
    await codes.remove(hashOf(code));
    return makeTokens(row);
  }),
);

server.exchange(
  oauth2orize.exchange.refreshToken(async (client, refreshToken) => {
    const row = refreshTokens.get(hashOf(refreshToken));
    if (row?.clientID !== client.id) return false;
    await refreshTokens.remove(hashOf(refreshToken));
    return makeTokens(row);
  }),
);

/** Clients with a secret send it in the header; apps on phones name themselves. */
async function authenticateClient(ctx, next) {
  const [scheme, credentials = ''] = ctx.get('Authorization').split(' ');
  const sent = scheme === 'Basic' ? Buffer.from(credentials, 'base64').toString() : `${ctx.request.body.client_id}:`;
  const [id, secret] = sent.split(/:(.*)/s).map((part) => decodeURIComponent(part));
  const client = clients.get(id);
  if (!client || (client.secretHash && !matches(secret, client.secretHash))) return ctx.throw(401);
  ctx.state.user = client;
  await next();
}

async function token(ctx, next) {
  const row = accessTokens.get(hashOf(ctx.get('Authorization').replace(/^Bearer /, '')));
  if (!row || row.expires < Date.now()) return ctx.throw(401, { headers: { 'WWW-Authenticate': 'Bearer' } });
  ctx.state.token = row;
  await next();
}

const router = new Router();
router.get(
  '/authorize',
  login,
  server.authorization(
    async (id, redirectURI) => {
      const client = clients.get(id);
      const isRegistered = redirectURI === undefined || client?.callbacks.includes(redirectURI);
      return isRegistered ? [client, redirectURI ?? client?.callbacks[0]] : [false];
    },
    async (client, user, scope = []) => {
      const allowed = consents.get(`${user.id} ${client.id}`);
      return allowed !== undefined && scope.every((word) => allowed.includes(word));
    },
  ),
  (ctx) => consentPage(ctx, ctx.state.oauth2.client.name, { transaction_id: ctx.state.oauth2.transactionID }),
);
router.post('/authorize/decision', login, ...server.decision());
router.post('/token', server.errorHandler(), authenticateClient, server.token());
router.get('/api/me', token, (ctx) => {
  ctx.body = { name: users.get(ctx.state.token.userID).name, scope: ctx.state.token.scope };
});

const koa = new Koa();
koa.use(withSessions(koa)).use(bodyParser()).use(loginRoutes.routes()).use(router.routes());
listen(koa);
