/** The toolkit's own server with pushed and signed requests, signed responses, DPoP, assertions, exchanges and devices, over HTTP, for the attack suite. */
import assert from 'node:assert/strict';
import { createServer as createHTTPServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import type { JWK } from 'jose';
import { exportJWK } from 'jose';
import Koa from 'koa';
import {
  type Client,
  clientRegistration,
  createServer,
  deviceAuthorization,
  dpop,
  dpopNonces,
  exchange,
  grant,
  idJAG,
  introspection,
  jwks,
  jwtBearer,
  jwtResponses,
  metadata,
  pkce,
  pushedRequests,
  registeredClients,
  requestObjects,
  revocation,
  tokenExchange,
} from 'koauthorize';
import { clientAuthentication, clientSecretBasic, none, privateKeyJwt } from 'koauthorize/client-auth';
import { toParams } from 'koauthorize/extending';
import { bearer, dpopProof, introspectionVerifier } from 'koauthorize/resource-server';
import type { AttackClient, AttackTarget } from 'koauthorize/testing';
import { generateSigningKey, keySet, memoryStore, tokenService } from 'koauthorize/tokens';
import { sessions } from '../fuzz/sessions.js';
import { type Signer, signer } from './request-object.js';

interface App extends Client {
  readonly client_secret?: string;
  readonly token_endpoint_auth_method?: string;
  readonly jwks?: object;
}

interface User {
  readonly id: string;
}

const IDP = 'https://idp.example';
const OTHER_IDP = 'https://other-idp.example';
const SECRET = 'the secret that only this client knows';

function clientsOf(keys: readonly [Signer, Signer]): readonly App[] {
  const basic = { client_secret: SECRET, token_endpoint_auth_method: 'client_secret_basic' };
  const [own, others] = keys;
  return [
    { client_id: 'web', redirect_uris: ['https://web.example/cb'], jwks: own.jwks, ...basic },
    { client_id: 'other', redirect_uris: ['https://other.example/cb'], jwks: others.jwks, ...basic },
    { client_id: 'phone', redirect_uris: ['https://phone.example/cb'], token_endpoint_auth_method: 'none' },
    { client_id: 'orders', ...basic },
    { client_id: 'api', redirect_uris: [], ...basic },
  ];
}

/** The pages for the users of devices. */
const devicePage: Koa.Middleware = (ctx) => {
  const { page, id, userCode = '' } = ctx.state['device'];
  ctx.type = 'html';
  if (page === 'code')
    ctx.body = `<form method="post" action="/device"><input name="user_code" value="${userCode}"><button>Go on</button></form>`;
  else if (page === 'consent')
    ctx.body = `<form method="post" action="/device/decision"><input type="hidden" name="device_id" value="${id}"><button>Allow</button><button name="cancel" value="cancel">Deny</button></form>`;
  else ctx.body = page;
};

async function privateJWK({ privateKey, alg, kid }: Signer): Promise<JWK> {
  return { ...(await exportJWK(privateKey)), alg, kid };
}

/** @param nonces whether DPoP proofs must have a nonce of the server */
export async function startAttacked({ nonces }: { readonly nonces?: true } = {}) {
  const http = createHTTPServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const signers = [await signer(), await signer('ES256', 'two')] as const;
  const [idp, otherIDP] = [await signer('ES256', 'idp'), await signer('ES256', 'other idp')];
  const clients = clientsOf(signers);
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  const keys = await keySet({ signing: await generateSigningKey('ES256') });
  const clock = { ahead: 0 };
  const now = (): number => Math.floor(Date.now() / 1000) + clock.ahead;
  const store = memoryStore();
  const tokens = tokenService<App, User>({ store, now });
  const server = createServer<App, User>({ issuer, clients: { find }, tokens, keys, now });
  const asking = nonces && { nonces: dpopNonces({ secret: 'a secret of at least 32 characters for tests' }) };
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .extend(pkce())
    .extend(requestObjects())
    .extend(jwtResponses())
    .extend(dpop(asking))
    .extend(deviceAuthorization({ interval: 1 }))
    .extend(clientRegistration({ clients: registeredClients(store, { now }), allowAnyone: true }))
    .extend(
      jwtBearer<App, User>({
        issuers: {
          [IDP]: { jwks: idp.jwks, profile: idJAG() },
          [OTHER_IDP]: { jwks: otherIDP.jwks, profile: idJAG() },
        },
        authorize: ({ subject }) => ({ subject, scope: ['read'] }),
      }),
    )
    .extend(
      tokenExchange<App, User>({
        allow: ({ client, subject }) => client.client_id === 'orders' && subject.clientID === 'web' && {},
      }),
    );
  const authenticate = clientAuthentication<App>({ server, methods: [clientSecretBasic(), none(), privateKeyJwt()] });
  const router = new Router();
  router.get('/login', (ctx) => {
    ctx['session'].isSeen = true; // so that there is a session before the login, which an attacker can plant
    ctx.type = 'html';
    ctx.body = '<form method="post"><input name="user"><button>Log in</button></form>';
  });
  router.post('/login', async (ctx) => {
    const chunks: Buffer[] = [];
    for await (const chunk of ctx.req) chunks.push(chunk);
    ctx['session'] = {};
    await ctx['session'].regenerate(); // an attacker may have planted the key of the old session in this browser (session fixation)
    ctx['session'].user = new URLSearchParams(Buffer.concat(chunks).toString()).get('user');
    ctx.body = 'in';
  });
  const login: Koa.Middleware = (ctx, next) => {
    ctx.state['user'] = ctx['session'].user ? { id: ctx['session'].user } : undefined;
    return ctx.state['user'] ? next() : ctx.throw(401);
  };
  router.get('/authorize', login, server.authorization() as Koa.Middleware, (ctx) => {
    ctx.type = 'html';
    ctx.body = `<form method="post" action="/decision"><input type="hidden" name="transaction_id" value="${ctx.state['oauth2'].transactionID}"><button>Allow</button><button name="cancel" value="cancel">Deny</button></form>`;
  });
  router.post('/decision', login, server.decision() as Koa.Middleware);
  router.post('/token', authenticate, server.token());
  router.post('/par', authenticate, server.endpoint(pushedRequests()));
  const asks = introspection<App>(tokens.introspect, { resourceServer: ({ client_id }) => client_id === 'api' });
  router.post('/introspect', authenticate, server.endpoint(asks));
  router.post('/revoke', authenticate, server.endpoint(revocation(tokens.revoke)));
  router.post('/device_authorization', authenticate, server.route('device_authorization'));
  router.all('/device', login, server.route('device_verification'), devicePage);
  router.post('/device/decision', login, server.route('device_decision'), devicePage);
  router.all('/register', server.route('registration'));
  router.all('/register/client', server.route('client_configuration'));
  router.get('/jwks', server.endpoint(jwks(keys)));
  router.get('/.well-known/oauth-authorization-server', server.endpoint(metadata()));
  const proofs = [dpopProof({ baseURL: issuer, useOnce: tokens.useOnce, ...asking })];
  const inside: Koa.Middleware = (ctx) => {
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
  app.use(sessions(app, 'in memory')).use(server.errorHandler()).use(router.routes());
  http.on('request', app.callback());
  const signing_keys = await Promise.all(signers.map(privateJWK));
  const [client, otherClient, publicClient] = clients.map(
    ({ client_id, client_secret, redirect_uris = [] }, index): AttackClient => ({
      client_id,
      client_secret,
      redirect_uri: redirect_uris[0] ?? '',
      scope: 'read write',
      signing_key: signing_keys[index],
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
      client,
      otherClient,
      publicClient,
      assertions: {
        ...{ issuer: IDP, signing_key: await privateJWK(idp), subject: 'alice', typ: 'oauth-id-jag+jwt' },
        other: { issuer: OTHER_IDP, signing_key: await privateJWK(otherIDP) },
      },
      exchange: {
        service: { client_id: 'orders', client_secret: SECRET },
        otherResource: 'https://mail.example/',
        async reservedToken() {
          const [web = assert.fail('no client')] = clients;
          const asked = { grantType: 'urn:example:reserved', client: web, params: toParams(new Map()), body: {} };
          const claims = { may_act: { sub: 'stock' } };
          const allowed = { user: { id: 'alice' }, scope: ['read', 'write'] };
          return String((await tokens.issue(allowed, { ...asked, claims })).access_token);
        },
      },
      login: loginAs('alice'),
      loginOther: loginAs('mallory'),
    } as AttackTarget,
    /** Lets time pass for the server. */
    wait(seconds: number): void {
      clock.ahead += seconds;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
