/** The house with every extension, and without a body parser. */
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import {
  authorizationDetails,
  backchannelAuthentication,
  clientIDMetadata,
  createServer,
  deviceAuthorization,
  dpop,
  exchange,
  grant,
  introspection,
  issuer,
  jwks,
  jwtBearer,
  jwtResponses,
  metadata,
  type OAuth2State,
  openid,
  pkce,
  pushedRequests,
  refreshTokenExpiration,
  requestObjects,
  resourceIndicators,
  revocation,
  type Server,
  scopes,
  type Transaction,
  tokenExchange,
} from 'koauthorize';
import {
  clientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  none,
  privateKeyJwt,
} from 'koauthorize/client-auth';
import { type KeySet, memoryStore, type TokenService, tokenService } from 'koauthorize/tokens';
import { ISSUER, type User } from '../support/authorization-server.js';
import { rsaKeys } from '../support/openid-server.js';
import { ASKED } from './ciba-live.js';
import { type FuzzClient, type Registration, registration, SCOPES, SIGNERS } from './clients.js';
import { as, dialog, type House, START } from './house.js';
import { listenOn } from './listening.js';
import { ACR, authenticationEvent } from './plugged.js';
import { Watch } from './promises.js';
import { sessions } from './sessions.js';
import { EXTENDED } from './vocabulary.js';

export const [FILES, MAIL] = ['https://files.example/', 'https://mail.example/'] as const;
/** Registered, and nobody answers there. */
export const REFERENCE = 'https://127.0.0.1:1/object';

type ExtendedServer = Server<FuzzClient, User>;
type Tokens = TokenService<FuzzClient, User>;
type Routes = Router<OAuth2State<FuzzClient, User>>;

/** The same clients, who sign, and are signed for, with the keys that are there. */
async function registered(): Promise<Registration> {
  const { clients, ...others } = await registration();
  const more = { jwks: SIGNERS, request_uris: [REFERENCE], backchannel_token_delivery_mode: 'poll' };
  const known = new Map(clients.map((client) => [client.client_id, { ...client, ...more }]));
  return { ...others, clients: [...known.values()], find: (id) => known.get(id) };
}

/** Vouches for users, and signs with the clients' key. */
export const VOUCHER = 'https://vouching.example';

/** `nobody` is not logged in. */
const login: Middleware = async (ctx, next) => {
  const id = ctx.get('X-User') || 'alice';
  if (id !== 'nobody') ctx.state['user'] = { id, name: id };
  await next();
};

/** What a page for users shows, as programs read it. */
const devicePage: Middleware = (ctx) => {
  const { page, problem, id, userCode } = ctx.state['device'];
  ctx.body = { page, problem, id, userCode };
};

/** The same of a user who is asked on their own device. */
const backchannelPage: Middleware = (ctx) => {
  const { page, prompts, dialogID } = ctx.state['backchannel'];
  ctx.body = { page, prompts, dialogID };
};

const immediate = ({ req }: Transaction<FuzzClient, User>): boolean => req.scope?.includes('instant') === true;

/** The callback of the clients that nobody has registered: every URL has a document. */
export const DOCUMENTED = 'https://documented.example/callback';
const documents = async (url: string): Promise<Response> =>
  Response.json({ client_id: url, redirect_uris: [DOCUMENTED], grant_types: ['authorization_code', 'refresh_token'] });

/** The same, for the judges. */
const documented = (id: string): FuzzClient | undefined =>
  id.startsWith('https:')
    ? { client_id: id, client_name: id, redirect_uris: [DOCUMENTED], token_endpoint_auth_method: 'none' }
    : undefined;

function extend(server: ExtendedServer): void {
  const types = { file: { required: ['actions'], optional: ['locations'], validate: () => true } };
  const claims = ({ name }: User) => ({ name });
  const findUser = (id: string) => ({ id, name: id });
  server
    .extend(pkce())
    .extend(clientIDMetadata({ fetch: documents, perHostAndMinute: 1_000_000 }))
    .extend(issuer(ISSUER))
    .extend(scopes([...SCOPES, 'openid', 'profile', 'offline_access'], { default: ['read'] }))
    .extend(dpop())
    .extend(requestObjects({ atOnce: 1_000_000, perHostAndMinute: 1_000_000 }))
    .extend(jwtResponses())
    .extend(resourceIndicators({ resources: { [FILES]: { scopes: ['read'] }, [MAIL]: { introspectedBy: ['api'] } } }))
    .extend(authorizationDetails({ types, allowImmediate: true }))
    .extend(refreshTokenExpiration())
    .extend(deviceAuthorization({ guesses: 1000, guessesPerAddress: 1_000_000, publicPerMinute: 1000 }))
    .extend(tokenExchange({ allow: ({ client: { client_id } }) => client_id === 'web' && {} }))
    .extend(
      jwtBearer({
        issuers: { [VOUCHER]: { jwks: SIGNERS } },
        authorize: ({ subject }) => ({ user: findUser(subject) }),
      }),
    )
    .extend(
      backchannelAuthentication({
        findUser: ({ loginHint, sub }) => (sub ?? loginHint) === 'alice' && findUser('alice'),
        ask: (ctx, { id }) => ctx.set(ASKED, id),
        verifyUserCode: (_user, code) => code === 'a code',
        allowWithoutUserCode: () => true,
        perUser: 1_000_000,
        userCodeGuesses: 1000,
      }),
    )
    .extend(openid({ claims, findUser, responseTypes: ['id_token', 'code id_token'], acrValues: ['pwd', ACR] }));
}

function serverOf(tokens: Tokens, keys: KeySet, { find }: Registration, now: () => number): ExtendedServer {
  const options = { issuer: ISSUER, clients: { find }, tokens, keys, now };
  const server = createServer<FuzzClient, User>({ ...options, authenticationEvent: authenticationEvent(now) })
    .grant(grant.code(tokens.code))
    .grant(grant.token(tokens.token))
    .grant('code token')
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .exchange(exchange.clientCredentials(tokens.clientCredentials));
  extend(server);
  return server;
}

function routesOf(server: ExtendedServer, tokens: Tokens, authenticate: Middleware): Routes {
  const router: Routes = new Router<OAuth2State<FuzzClient, User>>();
  const authorize = server.authorization({ immediate });
  router.get('/authorize', as('authorize'), login, authorize, dialog);
  router.post('/authorize', as('authorize'), login, authorize, dialog);
  router.all('/decision', as('decision'), login, server.decision());
  router.all('/resume', as('resume'), login, server.resume({ done: () => ['login', 'consent'] }, immediate), dialog);
  router.all(
    '/backchannel',
    as('backchannel'),
    login,
    server.route('backchannel_dialog') as Middleware,
    backchannelPage,
  );
  router.all(
    '/backchannel/decision',
    as('backchannel'),
    login,
    server.route('backchannel_decision') as Middleware,
    backchannelPage,
  );
  router.all('/device', as('device'), login, server.route('device_verification') as Middleware, devicePage);
  router.all('/device/decision', as('device'), login, server.route('device_decision') as Middleware, devicePage);
  const clientRoutes = {
    token: server.token(),
    device_authorization: server.route('device_authorization') as Middleware,
    backchannel_authentication: server.route('backchannel_authentication') as Middleware,
    par: server.endpoint(pushedRequests({ publicPerMinute: 1000 })),
    introspect: server.endpoint(introspection(tokens.introspect, { jwtResponses: true })),
    revoke: server.endpoint(revocation(tokens.revoke)),
  };
  for (const [name, route] of Object.entries(clientRoutes)) router.all(`/${name}`, as(name), authenticate, route);
  router.all('/jwks', as('document'), server.endpoint(jwks()));
  router.all('/.well-known/oauth-authorization-server', as('document'), server.endpoint(metadata()));
  return router;
}

export async function openExtendedHouse(): Promise<House> {
  const [clock, errors] = [{ now: START }, [] as Error[]];
  const now = () => clock.now;
  const keys = await rsaKeys();
  const tokens = tokenService<FuzzClient, User>({ store: memoryStore(), now });
  const clients = await registered();
  const server = serverOf(tokens, keys, clients, now);
  const assertions = { issuer: ISSUER, useOnce: tokens.useOnce, now };
  const authenticate = clientAuthentication<FuzzClient>({
    find: (id) => server.core.findClient(id),
    methods: [clientSecretBasic(), clientSecretPost(), none(), privateKeyJwt(assertions)],
  });
  server.extend(authenticate);
  const app = new Koa();
  app.keys = ['a key for tests'];
  app.on('error', (error) => errors.push(error));
  app
    .use(sessions(app, EXTENDED))
    .use(server.errorHandler())
    .use(routesOf(server, tokens, authenticate).routes());
  const listening = await listenOn(app);
  const known = { ...clients, find: (id: string) => clients.find(id) ?? documented(id) };
  return { name: EXTENDED, app, clock, watch: new Watch(), tokens, registration: known, errors, ...listening };
}
