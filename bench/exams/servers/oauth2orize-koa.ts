/** oauth2orize-koa, as its README has it, with PKCE in a parser of `*` and in its callbacks. */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import type { Middleware } from 'koa';
import passport from 'koa-passport';
import oauth2orize from 'oauth2orize-koa';
import { BasicStrategy } from 'passport-http';
import { Strategy as BearerStrategy } from 'passport-http-bearer';
import { type App, LIFETIMES, type User } from '../../servers/clients.js';
import { scopeFor } from '../../servers/peers/application.js';
import {
  findAccessToken,
  type Granted,
  issueAccessToken,
  issueCode,
  issueRefreshToken,
  redeemCode,
  redeemRefreshToken,
} from './application.js';
import { listen } from './listen.js';
import { loginRoutes, newKoa, serverSideSessions, type WithSession } from './pages.js';
import { authenticate, examined, isChallenge, users } from './world.js';

const server = oauth2orize.createServer<App>();
server.serializeClient((client) => client.client_id);
server.deserializeClient((id) => examined.get(id) ?? false);
server.grant('*', 'request', (ctx) => {
  const { code_challenge, code_challenge_method } = ctx.query;
  if (!isChallenge(code_challenge, code_challenge_method))
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

/** Tokens for what was redeemed. */
async function answer(granted: Granted | undefined): Promise<false | [string, string, object]> {
  if (!granted) return false;
  const [accessToken, refreshToken] = await Promise.all([issueAccessToken(granted), issueRefreshToken(granted)]);
  return [accessToken, refreshToken, { expires_in: LIFETIMES.accessToken, scope: granted.scope.join(' ') }];
}
server.exchange(
  oauth2orize.exchange.code<App>(async (client, code, redirectURI, body) =>
    answer(await redeemCode(code, client, redirectURI, body['code_verifier'])),
  ),
);
server.exchange(
  oauth2orize.exchange.refreshToken<App>(async (client, refreshToken, scope) =>
    answer(await redeemRefreshToken(refreshToken, client, scope)),
  ),
);

passport.use(new BasicStrategy((id, secret, done) => done(null, authenticate(id, secret) ?? false)));
passport.use(
  new BearerStrategy((token, done) => {
    findAccessToken(token).then((granted) => done(null, granted ?? false), done);
  }),
);

interface State {
  user: User;
  oauth2: { transactionID: string };
}

const login: Middleware<State, WithSession> = (ctx, next) => {
  const user = users.get(ctx.session.user ?? '');
  if (!user) return ctx.throw(401);
  ctx.state.user = user;
  return next();
};

const [form, errors] = [bodyParser(), server.errorHandler()];

function forPrograms() {
  const router = new Router<{ user: Granted }>();
  router.post('/token', errors, form, passport.authenticate('basic', { session: false }), server.token());
  router.get('/me', passport.authenticate('bearer', { session: false }), (ctx) => {
    ctx.body = { sub: ctx.state.user.userID };
  });
  return router.routes();
}

function forPeople(sessions: Middleware) {
  const router = new Router<State, WithSession>();
  const authorize = server.authorize((clientID, redirectURI, scope) => {
    const client = examined.get(clientID);
    if (!client?.redirect_uris.includes(redirectURI) || !scopeFor(client, scope)) return false;
    return [client, redirectURI];
  });
  router.get('/authorize', sessions, errors, login, authorize, (ctx) => {
    ctx.body = { transaction_id: ctx.state.oauth2.transactionID };
  });
  router.post('/decision', sessions, errors, login, form, ...server.decision());
  return router.routes();
}

listen(() => {
  const app = newKoa();
  const sessions = serverSideSessions(app);
  app.use(loginRoutes(sessions)).use(forPrograms()).use(forPeople(sessions));
  return app.callback();
});
