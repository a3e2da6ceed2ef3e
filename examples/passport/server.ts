/**
 * An authorization server for programs without users, in which Passport does all authentication: for applications that already use Passport.
 * `npx tsx examples/passport/server.ts` starts it, and prints commands to try.
 *
 * Clients authenticate by passport-http and passport-oauth2-client-password, as with oauth2orize, or by the strategy of koauthorize, which has more
 * methods. The API uses passport-http-bearer.
 */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import passport from 'koa-passport';
import { createServer, exchange, requestTarget } from 'koauthorize';
import {
  ClientStrategy,
  clientSecretBasic,
  clientSecretPost,
  hashClientSecret,
  matchesClientSecret,
} from 'koauthorize/client-auth';
import { memoryStore, tokenService, type VerifiedToken } from 'koauthorize/tokens';
import { BasicStrategy } from 'passport-http';
import { Strategy as BearerStrategy } from 'passport-http-bearer';
import { Strategy as ClientPasswordStrategy } from 'passport-oauth2-client-password';
import { guessLimit, throttle } from '../quickstart/throttle.js';

interface App {
  readonly client_id: string;
  readonly grant_types: readonly string[];
  readonly scope: string;
  readonly secret_hash: string;
}

/** A registered client. The server stores only the hash of its secret. */
const ROBOT: App = {
  client_id: 'robot',
  grant_types: ['client_credentials'],
  scope: 'lamps doors',
  secret_hash: hashClientSecret('beep'), // a real secret comes from generateClientSecret()
};
const findClient = (id: string): App | undefined => (id === ROBOT.client_id ? ROBOT : undefined);
const isSecretOf = (secret: string, app: App): boolean => matchesClientSecret(secret, app.secret_hash);

export function passportServer(): Koa {
  const tokens = tokenService<App>({ store: memoryStore() });
  const server = createServer<App>();
  server.exchange(exchange.clientCredentials(tokens.clientCredentials));

  const auth = new passport.KoaPassport();
  // As with oauth2orize: strategies of Passport. They do not decode form-encoding (RFC 6749 §2.3.1), and passport-http cuts a secret at a colon.
  const verifyClient = (id: string, secret: string, done: (error: null, app: App | false) => void) => {
    const app = findClient(id);
    done(null, app && isSecretOf(secret, app) ? app : false);
  };
  auth.use(new BasicStrategy(verifyClient));
  auth.use(new ClientPasswordStrategy(verifyClient));
  // Or the strategy of koauthorize, whose name is `oauth2-client`, with a list of methods.
  const methods = [clientSecretBasic<App>({ compare: isSecretOf }), clientSecretPost<App>({ compare: isSecretOf })];
  auth.use(new ClientStrategy<App>({ find: findClient, methods, throttle: throttle() }));
  // A token that is bound to a key is refused: it is not a bearer token, and Passport cannot verify the proof.
  const verifyToken = async (token: string) => {
    const found = await tokens.verify(token);
    return found?.confirmation ? false : found;
  };
  auth.use(new BearerStrategy((token, done) => void verifyToken(token).then((found) => done(null, found), done)));

  const app = new Koa();
  const router = new Router<{ user: VerifiedToken }>();
  router.use(server.errorHandler(), bodyParser(), auth.initialize());
  router.post('/token', auth.authenticate('oauth2-client', { session: false }), server.token());
  const asBefore = auth.authenticate(['basic', 'oauth2-client-password'], { session: false, failWithError: true });
  // These strategies do not limit guesses, and the client is not known before they compare the secret. So wrong guesses are counted by address alone.
  const guesses = guessLimit();
  const counted: Middleware = async (ctx, next) => {
    const retryAfter = await guesses.count('', ctx.ip);
    if (retryAfter !== undefined) ctx.throw(429, 'Please wait a minute', { retryAfter });
    await next();
  };
  const noGuess: Middleware = async (ctx, next) => {
    await guesses.takeBack('', ctx.ip);
    await next();
  };
  router.post('/token/as-before', counted, asBefore, noGuess, server.token());
  router.get('/lamps', auth.authenticate('bearer', { session: false, failWithError: true }), (ctx) => {
    const { clientID, scope } = ctx.state.user;
    if (!scope.includes('lamps')) return ctx.throw(403);
    ctx.body = { lamps: 'on', for: clientID };
  });
  app.use(requestTarget()).use(router.routes());
  return app;
}

if (process.argv[1] === import.meta.filename) {
  const port = Number(process.env['PORT'] || 3000);
  passportServer().listen(port, () => {
    console.log(`curl -u robot:beep -d grant_type=client_credentials http://localhost:${port}/token`);
    console.log(`curl -H "Authorization: Bearer ..." http://localhost:${port}/lamps`);
  });
}
