/**
 * An authorization server for programs without users. Passport does all authentication: this is for applications that use it
 * already. `npx tsx examples/passport/server.ts` runs it and says what to type.
 *
 * Clients may authenticate by passport-http and passport-oauth2-client-password, as under oauth2orize, or by koauthorize's own
 * strategy, which knows more methods; the API asks passport-http-bearer.
 */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
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

interface App {
  readonly client_id: string;
  readonly grant_types: readonly string[];
  readonly scope: string;
  readonly secret_hash: string;
}

/** A registered client. Of its secret only the hash is kept. */
const ROBOT: App = {
  client_id: 'robot',
  grant_types: ['client_credentials'],
  scope: 'lamps doors',
  secret_hash: hashClientSecret('beep'), // a real one comes from generateClientSecret()
};
const findClient = (id: string): App | undefined => (id === ROBOT.client_id ? ROBOT : undefined);
const isSecretOf = (secret: string, app: App): boolean => matchesClientSecret(secret, app.secret_hash);

export function passportServer(): Koa {
  const tokens = tokenService<App>({ store: memoryStore() });
  const server = createServer<App>();
  server.exchange(exchange.clientCredentials(tokens.clientCredentials));

  const auth = new passport.KoaPassport();
  // As before: passport's own strategies. They know nothing of form-encoding, and passport-http cuts a secret at a colon.
  const verifyClient = (id: string, secret: string, done: (error: null, app: App | false) => void) => {
    const app = findClient(id);
    done(null, app && isSecretOf(secret, app) ? app : false);
  };
  auth.use(new BasicStrategy(verifyClient));
  auth.use(new ClientPasswordStrategy(verifyClient));
  // Or koauthorize's: named `oauth2-client`, with as many methods as are wanted.
  const methods = [clientSecretBasic<App>({ compare: isSecretOf }), clientSecretPost<App>({ compare: isSecretOf })];
  auth.use(new ClientStrategy<App>({ find: findClient, methods }));
  // A token that is bound to a key is no bearer token, and passport cannot tell.
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
  router.post('/token/as-before', asBefore, server.token());
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
