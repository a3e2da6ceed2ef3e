/** The application moved to koauthorize: the same addresses, clients, users and sessions. */
import { join } from 'node:path';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import {
  covers,
  createServer,
  type Extension,
  exchange,
  grant,
  jwks,
  type OAuth2State,
  pkce,
  scopeOf,
  scopes,
} from 'koauthorize';
import { clientAuthentication, clientSecretBasic, clientSecretPost, none } from 'koauthorize/client-auth';
import { type BearerState, bearer } from 'koauthorize/resource-server';
import { jwt, lmdbStore, rotatingKeys, tokenService } from 'koauthorize/tokens';
import { matches, type User, users } from '../../database.js';
import { listen } from '../../listen.js';
import { consentPage, login, loginRoutes, withSessions } from '../../login.js';
import { DATA, ISSUER, required } from '../../settings.js';
import { type Client, clients, consents, SCOPES } from '../tables.js';
import { adopt, adoptCode, oldAccessToken } from './adopt.js';

const store = lmdbStore({ path: join(DATA, 'tokens') });
const clientID = ({ id }: Client): string => id;
const tokens = tokenService<Client, User>({
  store,
  clientID,
  adopt,
  adoptCode,
  accessTokens: jwt({ audience: 'https://api.example' }),
  refreshTokens: ({ allowedGrants }) => allowedGrants.includes('refresh_token'),
});

/** Access tokens tell APIs what the user pays for, as `extraTokenFields` did. */
const withPlan: Extension<Client, User> = {
  name: 'plan',
  token: { check: ({ subject = '' }) => ({ claims: { plan: users.get(subject)?.plan ?? 'none' } }) },
};

const server = createServer<Client, User>({
  issuer: ISSUER,
  tokens,
  keys: await rotatingKeys({ store, secret: required('KEYS_SECRET') }), // APIs verify with public keys, and no longer have a secret
  clients: { find: (id) => clients.get(id) },
  clientID,
  redirectURIs: ({ redirectUris }) => redirectUris,
});
server
  .grant(grant.code(tokens.code))
  .exchange(exchange.code(tokens.code))
  .exchange(exchange.refreshToken(tokens.refreshToken))
  .extend(pkce(), scopes(SCOPES.map(({ name }) => name)), withPlan);

/** The secrets are hashed as they were. */
const compare = (sent: string, { secret }: Client): boolean => secret !== undefined && matches(sent, secret);
const authenticateClient = clientAuthentication<Client>({
  server,
  methods: [clientSecretBasic({ compare }), clientSecretPost({ compare }), none()],
  registeredMethod: ({ secret }) => (secret === undefined ? 'none' : undefined),
});

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
  // a dialog that was open when the server was replaced has the query in its form, as the old application made it: it is asked once more
  async (ctx, next) => {
    const { query } = ctx.request.body as Readonly<Record<string, unknown>>;
    return typeof query === 'string' ? ctx.redirect(`/authorize?${query}`) : next();
  },
  server.decision(
    () => ({}),
    async (_ctx, { client, user, req }) => {
      await consents.put(`${user?.id} ${client.id}`, scopeOf(req) ?? []);
    },
  ),
);
router.post('/token', authenticateClient, server.token());
router.get('/jwks', server.endpoint(jwks()));
router.get(
  '/api/me',
  bearer({ verify: async (token) => (await tokens.verify(token)) ?? oldAccessToken(token) }),
  (ctx) => {
    const { subject = '', claims, scope } = ctx.state.token;
    ctx.body = { name: users.get(subject)?.name, plan: claims?.['plan'], scope };
  },
);

const koa = new Koa();
koa.use(withSessions(koa)).use(server.errorHandler()).use(bodyParser()).use(loginRoutes.routes()).use(router.routes());
listen(koa);
