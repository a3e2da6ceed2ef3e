/** What both ways to go on share: the tables of old as the new server is told of them, the client authentication, and the routes. */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import { covers, createServer, type OAuth2State, type Server, type ServerOptions, scopeOf } from 'koauthorize';
import { clientAuthentication, clientSecretBasic, clientSecretPost, none } from 'koauthorize/client-auth';
import { type AccessToken, type BearerState, bearer, type Verify } from 'koauthorize/resource-server';
import { matches, type User, users } from '../../database.js';
import { listen } from '../../listen.js';
import { consentPage, login, loginRoutes, withSessions } from '../../login.js';
import { ISSUER } from '../../settings.js';
import { accessTokens, type Client, clients, consents, hashOf } from '../tables.js';

export type App = Server<Client, User>;

/** The client table as it is: how its clients say who they are, and where they may be redirected to. */
export function makeServer(more: Partial<ServerOptions<Client, User>> = {}): App {
  return createServer<Client, User>({
    issuer: ISSUER,
    clients: { find: (id) => clients.get(id) },
    clientID: ({ id }) => id,
    redirectURIs: ({ callbacks }) => callbacks,
    ...more,
  });
}

/** Web sites send no code_challenge yet. Apps on phones have always sent one. */
export const mayMissChallenge = ({ secretHash }: Client): boolean => secretHash !== undefined;

/** An access token that was issued before, until it has expired. */
export function oldAccessToken(token: string): AccessToken | undefined {
  const row = accessTokens.get(hashOf(token));
  if (!row || row.expires <= Date.now()) return undefined;
  const { clientID, userID: subject, scope, expires } = row;
  return { clientID, subject, scope, expiresAt: expires / 1000 };
}

function authenticationAt(server: App) {
  const compare = (secret: string, { secretHash }: Client): boolean =>
    secretHash !== undefined && matches(secret, secretHash);
  return clientAuthentication<Client>({
    server,
    methods: [clientSecretBasic({ compare }), clientSecretPost({ compare }), none()],
    registeredMethod: ({ secretHash }) => (secretHash === undefined ? 'none' : undefined),
  });
}

/** The same addresses as before. */
export function serve(server: App, verify: Verify): void {
  const router = new Router<OAuth2State<Client, User> & BearerState>();
  router.get(
    '/authorize',
    login,
    server.authorization({
      immediate: (client: Client, user: User, scope) => covers(consents.get(`${user.id} ${client.id}`), scope),
    }),
    (ctx) => consentPage(ctx, ctx.state.oauth2.client.name, { transaction_id: ctx.state.oauth2.transactionID ?? '' }),
  );
  router.post(
    '/authorize/decision',
    login,
    server.decision(
      () => ({}),
      async (_ctx, { client, user, req }) => {
        await consents.put(`${user?.id} ${client.id}`, scopeOf(req) ?? []);
      },
    ),
  );
  router.post('/token', authenticationAt(server), server.token());
  router.get('/api/me', bearer({ verify }), (ctx) => {
    const { subject = '', scope } = ctx.state.token;
    ctx.body = { name: users.get(subject)?.name, scope };
  });
  const koa = new Koa();
  koa
    .use(withSessions(koa))
    .use(server.errorHandler())
    .use(bodyParser())
    .use(loginRoutes.routes())
    .use(router.routes());
  listen(koa);
}
