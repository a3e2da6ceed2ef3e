/** oauth2orize on Express 5, as its README has it, with PKCE in a parser of `*` and in its callbacks. */
import '../../servers/peers/quiet.js';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import session from 'express-session';
import oauth2orize, { AuthorizationError, type MiddlewareFunction, type ValidateDoneFunction } from 'oauth2orize';
import passport from 'passport';
import { BasicStrategy } from 'passport-http';
import { Strategy as BearerStrategy } from 'passport-http-bearer';
import { type App, LIFETIMES, type User } from '../../servers/clients.js';
import { newToken, scopeFor } from '../../servers/peers/application.js';
import {
  findAccessToken,
  type Granted,
  issueAccessToken,
  issueCode,
  issueRefreshToken,
  redeemCode,
  redeemRefreshToken,
} from './application.js';
import { SlowSessions } from './express-sessions.js';
import { listen } from './listen.js';
import { authenticate, examined, isChallenge, userNamed, users } from './world.js';

declare module 'express-session' {
  interface SessionData {
    userID: string;
  }
}

const server = oauth2orize.createServer<App, User>();
server.serializeClient((client, done) => done(null, client.client_id));
server.deserializeClient((id, done) => done(null, examined.get(id) ?? false));
server.grant('*', (request) => {
  const { code_challenge, code_challenge_method } = (request as unknown as { query: Record<string, unknown> }).query;
  if (!isChallenge(code_challenge, code_challenge_method))
    throw new AuthorizationError('PKCE with S256 is required', 'invalid_request');
  return { codeChallenge: code_challenge };
});
server.grant(
  oauth2orize.grant.code<App, User>((client, redirectURI, user, _ares, areq, done) => {
    const { codeChallenge } = areq as typeof areq & { codeChallenge: string };
    const scope = scopeFor(client, areq.scope) ?? [];
    const code = { clientID: client.client_id, userID: user.id, scope, redirectURI, codeChallenge };
    issueCode(code).then((issued) => done(null, issued), done);
  }),
);

type Done = (error: Error | null, accessToken?: string | false, refreshToken?: string, params?: object) => void;

/** Tokens for what was redeemed. */
async function answer(redeemed: Promise<Granted | undefined>, done: Done): Promise<void> {
  const granted = await redeemed;
  if (!granted) return done(null, false);
  const tokens = await Promise.all([issueAccessToken(granted), issueRefreshToken(granted)]);
  done(null, ...tokens, { expires_in: LIFETIMES.accessToken, scope: granted.scope.join(' ') });
}
server.exchange(
  oauth2orize.exchange.code<App>((client, code, redirectURI, body, done) => {
    answer(redeemCode(code, client, redirectURI, body['code_verifier']), done as Done).catch(done);
  }),
);
server.exchange(
  oauth2orize.exchange.refreshToken<App>((client, refreshToken, scope, done) => {
    answer(redeemRefreshToken(refreshToken, client, scope), done as Done).catch(done);
  }),
);

passport.use(new BasicStrategy((id, secret, done) => done(null, authenticate(id, secret) ?? false)));
passport.use(
  new BearerStrategy((token, done) => {
    findAccessToken(token).then((granted) => done(null, granted ?? false), done);
  }),
);

/** Its types and Express's do not know each other. */
const handler = (one: MiddlewareFunction<App, User>): RequestHandler => one as unknown as RequestHandler;

const login: RequestHandler = (request, response, next) => {
  const user = users.get(request.session.userID ?? '');
  if (!user) return void response.sendStatus(401);
  request.user = user;
  next();
};

function validate(clientID: string, redirectURI: string, scope: string[], done: ValidateDoneFunction<App>): void {
  const client = examined.get(clientID);
  if (client?.redirect_uris.includes(redirectURI) && scopeFor(client, scope)) done(null, client, redirectURI);
  else done(null, false);
}

const app = express().disable('x-powered-by');
const sessions = session({
  secret: newToken(),
  store: new SlowSessions(),
  resave: false,
  saveUninitialized: false,
  cookie: { sameSite: 'lax' },
});
const form = express.urlencoded({ extended: false });
/** As the `bodyParser()` of its README leaves it where there is no form: Express 5 leaves nothing. */
const always: RequestHandler = (request, _response, next) => {
  request.body ??= {};
  next();
};
app.post('/token', form, always, passport.authenticate('basic', { session: false }), handler(server.token()));
app.get('/me', passport.authenticate('bearer', { session: false }), (request, response) => {
  response.json({ sub: (request.user as Granted).userID });
});
app.get('/login', sessions, (request, response) => {
  request.session.userID = userNamed(request.query['user']).id;
  response.status(204).end();
});
app.get('/authorize', sessions, login, handler(server.authorize(validate)), (request, response) => {
  const { oauth2 } = request as unknown as { oauth2: { transactionID: string } };
  response.json({ transaction_id: oauth2.transactionID });
});
app.post('/decision', sessions, login, form, always, handler(server.decision()));
app.use(server.errorHandler() as unknown as ErrorRequestHandler);

listen(() => app);
