/** @jmondi/oauth2-server on Koa, with its defaults: PKCE with S256 is required; codes, access tokens and refresh tokens are JWTs. */
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
import type { Middleware } from 'koa';
import { LIFETIMES } from '../../servers/clients.js';
import {
  errors,
  requestFromKoa,
  respond,
  scopeRepository,
  type Waiting,
  waitingOf,
} from '../../servers/peers/jmondi-koa.js';
import { Dialogs } from './dialogs.js';
import {
  authCodeRepository,
  clientRepository,
  type SecondUse,
  tokenRepository,
  userRepository,
} from './jmondi-repositories.js';
import { listen } from './listen.js';
import { loginRoutes, newKoa, serverSideSessions, type WithSession } from './pages.js';

function newServer({ refusesSecondUse }: SecondUse) {
  const jwt = new JwtService(createSecretKey(randomBytes(32)));
  const repository = tokenRepository({ refusesSecondUse });
  const server = new AuthorizationServer(clientRepository, repository, scopeRepository, jwt);
  const lifetime = new DateInterval(`${LIFETIMES.accessToken}s`);
  const code = { authCodeRepository: authCodeRepository({ refusesSecondUse }), userRepository };
  server.enableGrantTypes(
    ['client_credentials', lifetime],
    ['refresh_token', lifetime],
    [{ grant: 'authorization_code', ...code }, lifetime],
  );
  /** Signature and expiry, then what is kept. @see https://tsoauth2server.com "Protect Resources with an Access Token" */
  async function validate(header: string): Promise<OAuthToken | undefined> {
    try {
      const { jti } = await jwt.verify(header.slice('Bearer '.length));
      return await repository.getByAccessToken(String(jti));
    } catch {
      return undefined;
    }
  }
  return { server, validate };
}

type Served = ReturnType<typeof newServer>;

const form = bodyParser();

function forPrograms({ server, validate }: Served) {
  const router = new Router();
  router.post('/token', form, async (ctx) => {
    respond(ctx, await server.respondToAccessTokenRequest(requestFromKoa(ctx)));
  });
  router.post('/introspect', form, async (ctx) => {
    respond(ctx, await server.introspect(requestFromKoa(ctx)));
  });
  router.get('/me', async (ctx) => {
    const token = await validate(ctx.get('Authorization'));
    if (!token) return ctx.throw(401);
    ctx.body = { sub: token.user?.id };
  });
  return router.routes();
}

function forPeople(sessions: Middleware, { server }: Served) {
  const dialogs = new Dialogs<Waiting>();
  const router = new Router<object, WithSession>();
  router.get('/authorize', sessions, async (ctx) => {
    const user = dialogs.userOf(ctx);
    const waiting = waitingOf(await server.validateAuthorizationRequest(requestFromKoa(ctx)));
    ctx.body = { transaction_id: await dialogs.begin(ctx, user, waiting) };
  });
  router.post('/decision', sessions, form, async (ctx) => {
    const { body } = requestFromKoa(ctx);
    const { user, waiting } = await dialogs.end(ctx, body);
    const { clientID, redirectUri, ...asked } = waiting;
    const client = await clientRepository.getByIdentifier(clientID);
    const request = new AuthorizationRequest('authorization_code', client, redirectUri, user);
    Object.assign(request, asked, { isAuthorizationApproved: !('cancel' in body) });
    respond(ctx, await server.completeAuthorizationRequest(request));
  });
  return router.routes();
}

export function serveJmondi({ refusesSecondUse }: SecondUse): void {
  listen(() => {
    const app = newKoa();
    const [served, sessions] = [newServer({ refusesSecondUse }), serverSideSessions(app)];
    app.use(errors).use(loginRoutes(sessions)).use(forPrograms(served)).use(forPeople(sessions, served));
    return app.callback();
  });
}
