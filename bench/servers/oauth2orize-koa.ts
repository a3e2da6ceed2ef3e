/**
 * oauth2orize-koa, as its README has it: passport-http for clients and passport-http-bearer for the API through koa-passport, whose
 * `initialize()` is left out as nothing here needs it. It has no PKCE of its own: a parser of `*` reads the challenge, and the callbacks
 * keep and compare it. It has no introspection.
 */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import passport from 'koa-passport';
import session from 'koa-session';
import oauth2orize from 'oauth2orize-koa';
import { BasicStrategy } from 'passport-http';
import { Strategy as BearerStrategy } from 'passport-http-bearer';
import { Strategy as ClientPasswordStrategy } from 'passport-oauth2-client-password';
import { type App, alice, apps, LIFETIMES, type User } from './clients.js';
import {
  authenticate,
  findAccessToken,
  type Granted,
  issueAccessToken,
  issueCode,
  issueRefreshToken,
  newToken,
  redeemCode,
  redeemRefreshToken,
  scopeFor,
} from './peers/application.js';
import { serve } from './serve.js';

const server = oauth2orize.createServer<App>();
server.serializeClient((client) => client.client_id);
server.deserializeClient((id) => apps.get(id) ?? false);

server.grant('*', 'request', (ctx) => {
  const { code_challenge, code_challenge_method } = ctx.query;
  if (typeof code_challenge !== 'string' || code_challenge_method !== 'S256')
    throw new oauth2orize.AuthorizationError('PKCE with S256 is required', 'invalid_request');
  return { codeChallenge: code_challenge };
});
// its callbacks get what their number of parameters says
server.grant(
  oauth2orize.grant.code<App, User>((client, redirectURI, user, _ares, areq) => {
    const { codeChallenge } = areq as typeof areq & { codeChallenge: string };
    const scope = scopeFor(client, areq.scope) ?? [];
    return issueCode({ clientID: client.client_id, userID: user.id, scope, redirectURI, codeChallenge });
  }),
);

/** What stands beside the tokens in an answer. */
const params = ({ scope }: Granted) => ({ expires_in: LIFETIMES.accessToken, scope: scope.join(' ') });

server.exchange(
  oauth2orize.exchange.clientCredentials<App>((client, asked) => {
    if (!client.grant_types.includes('client_credentials'))
      throw new oauth2orize.TokenError('Not registered for it', 'unauthorized_client');
    const scope = scopeFor(client, asked);
    if (!scope) throw new oauth2orize.TokenError('Not registered for it', 'invalid_scope');
    const granted = { clientID: client.client_id, scope };
    return [issueAccessToken(granted), undefined, params(granted)];
  }),
);
server.exchange(
  oauth2orize.exchange.code<App>((client, code, redirectURI, body) => {
    const granted = redeemCode(code, client, redirectURI, body['code_verifier']);
    if (!granted) return false;
    return [issueAccessToken(granted), issueRefreshToken(granted), params(granted)];
  }),
);
server.exchange(
  oauth2orize.exchange.refreshToken<App>((client, refreshToken, scope) => {
    const granted = redeemRefreshToken(refreshToken, client, scope);
    if (!granted) return false;
    return [issueAccessToken(granted), issueRefreshToken(granted), params(granted)];
  }),
);

passport.use(new BasicStrategy((id, secret, done) => done(null, authenticate(id, secret) ?? false)));
passport.use(new ClientPasswordStrategy((id, secret, done) => done(null, authenticate(id, secret) ?? false)));
passport.use(
  new BearerStrategy((token, done) => {
    const granted = findAccessToken(token);
    if (!granted) return done(null, false);
    done(null, granted, { scope: [...granted.scope] });
  }),
);

const app = new Koa();
app.silent = true; // no logs
app.keys = [newToken()];
const form = bodyParser();
const errors = server.errorHandler();

const programs = new Router<{ user: Granted }>();
programs.post(
  '/token',
  errors,
  form,
  passport.authenticate(['basic', 'oauth2-client-password'], { session: false }),
  server.token(),
);
programs.get('/me', passport.authenticate('bearer', { session: false }), (ctx) => {
  const { clientID, userID } = ctx.state.user;
  ctx.body = userID === undefined ? { client_id: clientID } : { sub: userID };
});

interface State {
  user: User;
  oauth2: { transactionID: string };
}
interface WithSession {
  session: { user?: string };
}

const login: Middleware<State, WithSession> = (ctx, next) => {
  if (ctx.session.user !== alice.id) return ctx.throw(401);
  ctx.state.user = alice;
  return next();
};

const pages = new Router<State, WithSession>();
const sessions = session({ sameSite: 'lax' }, app);
pages.get('/login', sessions, (ctx) => {
  ctx.session.user = alice.id;
  ctx.status = 204;
});
const authorize = server.authorize((clientID, redirectURI, scope) => {
  const client = apps.get(clientID);
  if (!client?.redirect_uris.includes(redirectURI) || !scopeFor(client, scope)) return false;
  return [client, redirectURI];
});
pages.get('/authorize', sessions, errors, login, authorize, (ctx) => {
  ctx.body = { transaction_id: ctx.state.oauth2.transactionID };
});
pages.post('/decision', sessions, errors, login, form, ...server.decision());

app.use(programs.routes()).use(pages.routes());
serve(app.callback());
