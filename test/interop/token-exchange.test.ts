/** oauth4webapi and openid-client exchange tokens (RFC 8693) over real HTTP: a chain of two services, actor tokens, other types of tokens, DPoP. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa from 'koa';
import { createServer, dpop, exchange, introspection, metadata, resourceIndicators, tokenExchange } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import { toParams } from 'koauthorize/extending';
import { type BearerState, bearer, dpopProof } from 'koauthorize/resource-server';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { ACCESS_TOKEN, TOKEN_EXCHANGE, TYPE } from '../support/exchange-server.js';
import { serve, stopAll } from '../support/interop-server.js';

interface App {
  readonly client_id: string;
  readonly client_secret: string;
}
const SECRET = 'a secret';
const APPS = ['shop', 'orders', 'stock', 'stranger'].map((client_id): App => ({ client_id, client_secret: SECRET }));
const TICKET = 'urn:example:ticket';
const insecure = { [oauth.allowInsecureRequests]: true };

/** Services that may exchange, and whose tokens they may exchange. */
const MAY: Readonly<Record<string, string>> = { orders: 'shop', stock: 'orders' };

function find(id: string): App | undefined {
  return APPS.find(({ client_id }) => client_id === id);
}

/** The server with its metadata and an API, at a URL of its own, and a token that the shop has of alice, for two APIs. */
async function exchanging() {
  const tokens = tokenService<App, { id: string }>({ store: memoryStore(), clientScope: () => ['read'] });
  const apis: string[] = [];
  const url = await serve((own) => {
    apis.push(`${own}/me`, 'https://mail.example/');
    const server = createServer<App, { id: string }>({ issuer: own, clients: { find }, tokens });
    server
      .exchange(exchange.clientCredentials(tokens.clientCredentials))
      .extend(dpop())
      .extend(resourceIndicators({ resources: Object.fromEntries(apis.map((api) => [api, {}])) }))
      .extend(
        tokenExchange<App, { id: string }>({
          allow: ({ client, subject }) => MAY[client.client_id] === subject.clientID && { lifetime: 60 },
          issues: {
            [TICKET]: ({ subject, act }) => ({ token: `${subject.subject} by ${act?.['sub']}`, expiresIn: 5 }),
          },
        }),
      );
    const router = new Router<BearerState>();
    const authenticate = clientAuthentication<App>({ server, methods: [clientSecretBasic()] });
    router.post('/token', authenticate, server.token());
    router.post('/introspect', authenticate, server.endpoint(introspection(tokens.introspect)));
    router.get('/.well-known/oauth-authorization-server', server.endpoint(metadata()));
    const proofs = [dpopProof({ baseURL: own, useOnce: tokens.useOnce })];
    router.get('/me', bearer({ verify: tokens.verify, proofs, audience: `${own}/me` }), (ctx) => {
      const { subject, scope, claims } = ctx.state.token;
      ctx.body = { subject, scope, act: claims?.['act'] };
    });
    const app = new Koa();
    app.silent = true;
    app.use(server.errorHandler()).use(router.routes());
    return app;
  });
  const request = {
    grantType: 'urn:example:shop',
    client: APPS[0] ?? assert.fail(),
    params: toParams(new Map()),
    body: {},
  };
  const allowed = { user: { id: 'alice' }, scope: ['read', 'write'], audience: apis };
  const { access_token } = await tokens.issue(allowed, request);
  return { url, mail: apis[1] ?? '', sent: String(access_token) };
}

const subject = (token: string) => ({ subject_token: token, subject_token_type: ACCESS_TOKEN });

describe('token exchange, by clients that others wrote', () => {
  after(stopAll);

  describe('oauth4webapi', () => {
    const discover = async (url: string): Promise<oauth.AuthorizationServer> => {
      const response = await oauth.discoveryRequest(new URL(url), { algorithm: 'oauth2', ...insecure });
      return oauth.processDiscoveryResponse(new URL(url), response);
    };
    const swap = async (url: string, client_id: string, params: Record<string, string>, options: object = insecure) => {
      const as = await discover(url);
      const client: oauth.Client = { client_id };
      const auth = oauth.ClientSecretBasic(SECRET);
      const answer = await oauth.genericTokenEndpointRequest(as, client, auth, TOKEN_EXCHANGE, params, options);
      const recognizedTokenTypes = { n_a: () => {} };
      return oauth.processGenericTokenEndpointResponse(as, client, answer, { recognizedTokenTypes });
    };
    const me = async (url: string, token: string, options: object = insecure): Promise<unknown> => {
      const api = new URL(`${url}/me`);
      const answer = await oauth.protectedResourceRequest(token, 'GET', api, undefined, undefined, options);
      return answer.json();
    };

    it('finds the grant type in the metadata, and exchanges twice in a row: the API sees both services', async () => {
      const { url, sent } = await exchanging();
      assert.ok((await discover(url)).grant_types_supported?.includes(TOKEN_EXCHANGE));
      const one = await swap(url, 'orders', { ...subject(sent), scope: 'read', resource: `${url}/me` });
      assert.equal(one['issued_token_type'], ACCESS_TOKEN);
      assert.deepEqual([one.scope, one.expires_in, one.refresh_token], ['read', 60, undefined]);
      const two = await swap(url, 'stock', subject(one.access_token));
      const acted = (sub: string) => ({ sub, client_id: sub, iss: url });
      const act = { ...acted('stock'), act: acted('orders') };
      assert.deepEqual(await me(url, two.access_token), { subject: 'alice', scope: ['read'], act });
    });

    it('is told what it may not: another client, an unknown token, another API, more scope, another type', async () => {
      const { url, mail, sent } = await exchanging();
      const { access_token: narrow } = await swap(url, 'orders', { ...subject(sent), resource: `${url}/me` });
      const rows: readonly (readonly [by: string, params: Record<string, string>, error: string])[] = [
        ['stranger', subject(sent), 'invalid_request'],
        ['stock', subject(sent), 'invalid_request'],
        ['orders', subject('made-up'), 'invalid_request'],
        ['stock', { ...subject(narrow), resource: mail }, 'invalid_target'],
        ['stock', { ...subject(narrow), audience: mail }, 'invalid_target'],
        ['orders', { ...subject(sent), scope: 'delete' }, 'invalid_scope'],
        ['orders', { ...subject(sent), requested_token_type: `${TYPE}saml2` }, 'invalid_request'],
      ];
      for (const [by, params, error] of rows)
        await assert.rejects(swap(url, by, params), (thrown) => {
          assert.ok(thrown instanceof oauth.ResponseBodyError);
          assert.deepEqual([thrown.error, thrown.status], [error, 400], `${by} ${JSON.stringify(params)}`);
          return true;
        });
    });

    it('with DPoP: the new token is bound to the key of the service', async () => {
      const { url, sent } = await exchanging();
      const keyOf = async (client_id: string) => {
        const client: oauth.Client = { client_id };
        const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
        return { DPoP, ...insecure };
      };
      const [own, others] = [await keyOf('orders'), await keyOf('stock')];
      const bound = await swap(url, 'orders', { ...subject(sent), resource: `${url}/me` }, own);
      assert.equal(bound.token_type, 'dpop');
      assert.equal(Reflect.get(Object(await me(url, bound.access_token, own)), 'subject'), 'alice');
      for (const options of [others, insecure]) {
        await assert.rejects(me(url, bound.access_token, options), oauth.WWWAuthenticateChallengeError);
        await assert.rejects(swap(url, 'stock', subject(bound.access_token), options), { error: 'invalid_request' });
      }
    });
  });

  describe('openid-client', () => {
    const configure = (url: string, client_id: string) =>
      openid.discovery(new URL(url), client_id, SECRET, openid.ClientSecretBasic(SECRET), {
        algorithm: 'oauth2',
        execute: [openid.allowInsecureRequests],
      });

    it('exchanges with an actor token of the service, and introspection says who acts', async () => {
      const { url, sent } = await exchanging();
      const config = await configure(url, 'orders');
      const { access_token: actor } = await openid.clientCredentialsGrant(config);
      const params = { ...subject(sent), actor_token: actor, actor_token_type: ACCESS_TOKEN };
      const { access_token, token_type, issued_token_type } = await openid.genericGrantRequest(
        config,
        TOKEN_EXCHANGE,
        params,
      );
      assert.deepEqual([token_type, issued_token_type], ['bearer', ACCESS_TOKEN]);
      const { active, sub, client_id, act } = await openid.tokenIntrospection(config, access_token);
      const named = { sub: 'orders', client_id: 'orders', iss: url };
      assert.deepEqual([active, sub, client_id, act], [true, 'alice', 'orders', named]);
      const api = await openid.fetchProtectedResource(config, access_token, new URL(`${url}/me`), 'GET');
      assert.deepEqual(await api.json(), { subject: 'alice', scope: ['read', 'write'], act: named });
    });

    it('repeats resource, gets a token that is no access token as N_A, and is told of a refusal', async () => {
      const { url, mail, sent } = await exchanging();
      const config = await configure(url, 'orders');
      const both = new URLSearchParams({ ...subject(sent), resource: `${url}/me` });
      both.append('resource', mail);
      const { access_token } = await openid.genericGrantRequest(config, TOKEN_EXCHANGE, both);
      assert.deepEqual((await openid.tokenIntrospection(config, access_token))['aud'], [`${url}/me`, mail]);
      const asked = { ...subject(sent), requested_token_type: TICKET };
      const ticket = await openid.genericGrantRequest(config, TOKEN_EXCHANGE, asked);
      const { token_type, issued_token_type } = ticket;
      assert.deepEqual([ticket.access_token, token_type, issued_token_type], ['alice by orders', 'n_a', TICKET]);
      const stranger = await configure(url, 'stranger');
      const refused = openid.genericGrantRequest(stranger, TOKEN_EXCHANGE, subject(sent));
      await assert.rejects(refused, { error: 'invalid_request' });
    });
  });
});
