/**
 * oauth2orize on Express 5, as its README has it: passport-http for clients, passport-http-bearer for the API; users in express-session
 * with its memory store. It has no PKCE of its own: a parser of `*` reads the challenge, and the callbacks keep and compare it. It has no
 * introspection.
 */
import './peers/quiet.js';
import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import session from 'express-session';
import oauth2orize, {
  AuthorizationError,
  type MiddlewareFunction,
  TokenError,
  type ValidateDoneFunction,
} from 'oauth2orize';
import passport from 'passport';
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

declare module 'express-session' {
  interface SessionData {
    userID: string;
  }
}

const server = oauth2orize.createServer<App, User>();
server.serializeClient((client, done) => done(null, client.client_id));
server.deserializeClient((id, done) => done(null, apps.get(id) ?? false));

server.grant('*', (request) => {
  const { code_challenge, code_challenge_method } = (request as unknown as Request).query;
  if (typeof code_challenge !== 'string' || code_challenge_method !== 'S256')
    throw new AuthorizationError('PKCE with S256 is required', 'invalid_request');
  return { codeChallenge: code_challenge };
});
server.grant(
  oauth2orize.grant.code<App, User>((client, redirectURI, user, _ares, areq, done) => {
    const { codeChallenge } = areq as typeof areq & { codeChallenge: string };
    const scope = scopeFor(client, areq.scope) ?? [];
    done(null, issueCode({ clientID: client.client_id, userID: user.id, scope, redirectURI, codeChallenge }));
  }),
);

/** What stands beside the tokens in an answer. */
const params = ({ scope }: Granted) => ({ expires_in: LIFETIMES.accessToken, scope: scope.join(' ') });

server.exchange(
  oauth2orize.exchange.clientCredentials<App>((client, asked, done) => {
    if (!client.grant_types.includes('client_credentials'))
      return done(new TokenError('Not registered for it', 'unauthorized_client'));
    const scope = scopeFor(client, asked);
    if (!scope) return done(new TokenError('Not registered for it', 'invalid_scope'));
    const granted = { clientID: client.client_id, scope };
    done(null, issueAccessToken(granted), undefined, params(granted));
  }),
);
server.exchange(
  oauth2orize.exchange.code<App>((client, code, redirectURI, body, done) => {
    const granted = redeemCode(code, client, redirectURI, body['code_verifier']);
    if (!granted) return done(null, false);
    done(null, issueAccessToken(granted), issueRefreshToken(granted), params(granted));
  }),
);
server.exchange(
  oauth2orize.exchange.refreshToken<App>((client, refreshToken, scope, done) => {
    const granted = redeemRefreshToken(refreshToken, client, scope);
    if (!granted) return done(null, false);
    done(null, issueAccessToken(granted), issueRefreshToken(granted), params(granted));
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

const login: RequestHandler = (request, response, next) => {
  if (request.session.userID !== alice.id) return void response.sendStatus(401);
  request.user = alice;
  next();
};

/** Its types and Express's do not know each other. */
const handler = (one: MiddlewareFunction<App, User>): RequestHandler => one as unknown as RequestHandler;

const app = express();
app.disable('x-powered-by').disable('etag'); // no other server here does that work
const sessions = session({ secret: newToken(), resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } });
const form = express.urlencoded({ extended: false });

app.post(
  '/token',
  form,
  passport.authenticate(['basic', 'oauth2-client-password'], { session: false }),
  handler(server.token()),
);
app.get('/me', passport.authenticate('bearer', { session: false }), (request, response) => {
  const { clientID, userID } = request.user as Granted;
  response.json(userID === undefined ? { client_id: clientID } : { sub: userID });
});

app.get('/login', sessions, (request, response) => {
  request.session.userID = alice.id;
  response.status(204).end();
});
function validate(clientID: string, redirectURI: string, scope: string[], done: ValidateDoneFunction<App>): void {
  const client = apps.get(clientID);
  if (client?.redirect_uris.includes(redirectURI) && scopeFor(client, scope)) done(null, client, redirectURI);
  else done(null, false);
}
app.get('/authorize', sessions, login, handler(server.authorize(validate)), (request, response) => {
  const { oauth2 } = request as unknown as { oauth2: { transactionID: string } };
  response.json({ transaction_id: oauth2.transactionID });
});
app.post('/decision', sessions, login, form, handler(server.decision()));
app.use(server.errorHandler() as unknown as ErrorRequestHandler);

serve(app);
