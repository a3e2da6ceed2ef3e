/** The toolkit's own OpenID Provider, with resources, an API that introspects and clients that sign, over HTTP, for the attack suite. */
import { createServer as createHTTPServer, type Server as HTTPServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import { exportJWK, type JWK } from 'jose';
import Koa, { type Context, type Middleware } from 'koa';
import {
  backchannelAuthentication,
  type Client,
  createServer,
  dpop,
  exchange,
  grant,
  introspection,
  jwks,
  logout,
  metadata,
  openid,
  pkce,
  resourceIndicators,
} from 'koauthorize';
import { clientAuthentication, clientSecretBasic, none, privateKeyJwt } from 'koauthorize/client-auth';
import { bearer, dpopProof, introspectionVerifier } from 'koauthorize/resource-server';
import type { AttackClient, AttackTarget } from 'koauthorize/testing';
import { jwt, memoryStore, opaque, tokenService } from 'koauthorize/tokens';
import { sessions } from '../fuzz/sessions.js';
import { rsaKeys } from './openid-server.js';
import { type Signer, signer } from './request-object.js';

interface App extends Client {
  readonly client_secret?: string;
  readonly token_endpoint_auth_method?: string;
  readonly jwks?: object;
}

interface User {
  readonly id: string;
  readonly at: number;
  readonly sessionID: string;
}

export interface AttackedProviderOptions {
  readonly accessTokens: 'JWTs' | 'opaque';
}

const RESOURCES = ['https://files.example/', 'https://mail.example/'] as const;
const SECRET = 'the secret that only this client knows';

function clientsOf({ jwks: keys }: Signer): readonly App[] {
  const basic = { client_secret: SECRET, token_endpoint_auth_method: 'client_secret_basic' };
  const named = (client_id: string, more: object) => ({
    client_id,
    redirect_uris: [`https://${client_id}.example/cb`],
    post_logout_redirect_uris: [`https://${client_id}.example/bye`],
    ...more,
  });
  return [
    named('web', basic),
    named('other', basic),
    named('phone', { token_endpoint_auth_method: 'none' }),
    named('signing', { token_endpoint_auth_method: 'private_key_jwt', jwks: keys }),
    named('api', basic),
    named('till', { ...basic, backchannel_token_delivery_mode: 'poll' }),
    named('signing-till', {
      ...basic,
      jwks: keys,
      backchannel_token_delivery_mode: 'poll',
      backchannel_authentication_request_signing_alg: 'ES256',
    }),
  ];
}

/** The login goes on with the session that was there: the harder case for what waits in it. */
async function logIn(ctx: Context): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) chunks.push(chunk);
  const user = new URLSearchParams(Buffer.concat(chunks).toString()).get('user');
  Object.assign(ctx['session'], { user, at: Math.floor(Date.now() / 1000), sessionID: `${user} ${Math.random()}` });
  ctx.body = 'in';
}

const page =
  (html: string): Middleware =>
  (ctx) => {
    ctx.type = 'html';
    ctx.body = html;
  };

/** What is due: the login, which keeps the name of the request, or the dialog. */
const due: Middleware = (ctx, next) => {
  const { prompts = [], transactionID } = ctx.state['oauth2'];
  const id = `<input type="hidden" name="transaction_id" value="${transactionID}">`;
  if (prompts.some((word: string) => word !== 'consent')) ctx.redirect(`/login?transaction_id=${transactionID}`);
  else
    return page(
      `<form method="post" action="/decision">${id}<button>Allow</button><button name="cancel" value="cancel">Deny</button></form>`,
    )(ctx, next);
};

const logoutPage: Middleware = (ctx, next) => {
  const { id } = ctx.state['logout'];
  return page(
    id === undefined
      ? '<p>Logged out</p>'
      : `<form method="post" action="/logout/decision"><input type="hidden" name="logout_id" value="${id}"><button name="cancel" value="yes">Stay</button><button>Log out</button></form>`,
  )(ctx, next);
};

const askedPage: Middleware = (ctx, next) => {
  const { page: name, dialogID } = ctx.state['backchannel'];
  return page(
    name === 'consent'
      ? `<form method="post" action="/backchannel/decision"><input type="hidden" name="dialog_id" value="${dialogID}"><button>Allow</button><button name="cancel" value="yes">Deny</button></form>`
      : `<p>${name}</p>`,
  )(ctx, next);
};

/** What users were asked: the ID, by the message. */
const asked = new Map<string | undefined, string>();

const ciba = () =>
  backchannelAuthentication<App, User>({
    interval: 1,
    perUser: 100,
    findUser: ({ loginHint: id }) => (id === undefined ? undefined : { id, at: 0, sessionID: '' }),
    ask: (_ctx, { id, req }) => asked.set(req.bindingMessage, id),
  });

const whoIsThere: Middleware = (ctx, next) => {
  const { user: id, at, sessionID } = ctx['session'] ?? {};
  if (id) ctx.state['user'] = { id, at, sessionID };
  return next();
};

type Say = readonly [http: HTTPServer, issuer: string, clients: readonly App[]];

async function serve([http, issuer, clients]: Say, { accessTokens }: AttackedProviderOptions): Promise<void> {
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  const keys = await rsaKeys();
  const tokens = tokenService<App, User>({
    store: memoryStore(),
    accessTokens: accessTokens === 'JWTs' ? jwt({ audience: issuer }) : opaque(),
  });
  const server = createServer<App, User>({
    ...{ issuer, clients: { find }, tokens, keys },
    authenticationEvent: ({ at, sessionID }) => ({ authenticatedAt: at, sessionID }),
  });
  server
    .grant(grant.code(tokens.code))
    .grant(grant.token(tokens.token))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .extend(pkce())
    .extend(dpop())
    .extend(resourceIndicators({ resources: Object.fromEntries(RESOURCES.map((one) => [one, {}])) }));
  const proofs = [dpopProof({ baseURL: issuer, useOnce: tokens.useOnce })];
  server
    .extend(
      openid({
        findUser: (id) => ({ id, at: 0, sessionID: '' }),
        userinfo: { proofs },
        responseTypes: ['id_token', 'id_token token', 'code id_token', 'code id_token token'],
      }),
    )
    .extend(ciba())
    .extend(logout({ end: (ctx) => Object.assign(ctx, { session: null }) }));
  const authenticate = clientAuthentication<App>({
    server,
    find,
    methods: [clientSecretBasic(), none(), privateKeyJwt()],
  });
  const router = new Router();
  router.get('/login', page('<form method="post" action="/login"><input name="user"><button>Log in</button></form>'));
  router.post('/login', logIn);
  router.get('/authorize', server.authorization() as Middleware, due);
  router.post('/decision', server.decision() as Middleware);
  router.post('/token', authenticate, server.token());
  router.post(
    '/introspect',
    authenticate,
    server.endpoint(introspection(tokens.introspect, { resourceServer: ({ client_id }) => client_id === 'api' })),
  );
  router.all('/userinfo', server.route('userinfo'));
  router.post('/backchannel_authentication', authenticate, server.route('backchannel_authentication'));
  router.get('/backchannel', server.route('backchannel_dialog'), askedPage);
  router.post('/backchannel/decision', server.route('backchannel_decision'), askedPage);
  router.all('/logout', server.route('end_session'), logoutPage);
  router.post('/logout/decision', server.route('end_session_decision'), logoutPage);
  router.get('/jwks', server.endpoint(jwks(keys)));
  router.get('/.well-known/openid-configuration', server.endpoint(metadata()));
  const inside: Middleware = (ctx) => {
    ctx.body = 'in';
  };
  router.get('/api', bearer({ verify: tokens.verify, proofs }), inside);
  const verify = introspectionVerifier({
    ...{ endpoint: `${issuer}/introspect`, clientID: 'api', clientSecret: SECRET },
    tokenTypes: ['Bearer', 'DPoP'],
  });
  router.get('/introspecting-api', bearer({ verify, proofs }), inside);
  const app = new Koa();
  app.keys = ['a key for tests'];
  app.silent = true;
  app.use(sessions(app, 'in memory')).use(whoIsThere).use(server.errorHandler()).use(router.routes());
  http.on('request', app.callback());
}

async function privateJWK({ privateKey, alg, kid }: Signer): Promise<JWK> {
  return { ...(await exportJWK(privateKey)), alg, kid };
}

export async function startAttackedProvider(options: AttackedProviderOptions) {
  const http = createHTTPServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const own = await signer();
  const clients = clientsOf(own);
  await serve([http, issuer, clients], options);
  const [client, otherClient, publicClient, signing, , till, signingTill] = clients.map(
    ({ client_id, client_secret, redirect_uris = [] }): AttackClient => ({
      client_id,
      client_secret,
      redirect_uri: redirect_uris[0] ?? '',
      post_logout_redirect_uri: `https://${client_id}.example/bye`,
    }),
  );
  const loginAs =
    (user: string): AttackTarget['login'] =>
    async (visitor) =>
      visitor.submit(await visitor.get(`${issuer}/login`), { user });
  return {
    target: {
      issuer,
      endpoints: { resource: `${issuer}/api`, introspecting_resource: `${issuer}/introspecting-api` },
      ...{ client, otherClient, publicClient, resources: RESOURCES },
      assertionClient: signing && { ...signing, signing_key: await privateJWK(own) },
      backchannel: {
        client: till,
        signingClient: signingTill && { ...signingTill, signing_key: await privateJWK(own) },
        loginHint: 'alice',
        open: (visitor, message) => visitor.get(`${issuer}/backchannel?id=${asked.get(message)}`),
      },
      login: loginAs('alice'),
      loginOther: loginAs('mallory'),
    } as AttackTarget,
    stop: () =>
      new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
