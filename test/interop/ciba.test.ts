/** CIBA by oauth4webapi and openid-client, unchanged, over HTTP: poll, ping, and signed requests. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import { SignJWT } from 'jose';
import Koa from 'koa';
import {
  type BackchannelRequest,
  backchannelAuthentication,
  createServer,
  exchange,
  grant,
  jwks,
  metadata,
  openid as openidExtension,
  pkce,
} from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import { generateSigningKey, keySet, memoryStore, tokenService } from 'koauthorize/tokens';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import type { User } from '../support/authorization-server.js';
import { type Registered, client as registered } from '../support/client-auth.js';
import { serve, stopAll } from '../support/interop-server.js';
import { type Signer, signer } from '../support/request-object.js';

const insecure = { [oauth.allowInsecureRequests]: true };
const SECRET = 'a secret';
const CIBA = 'urn:openid:params:grant-type:ciba';

/** Where a client is told that its user has decided. */
async function notified() {
  const server = http.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notified`;
  const next = async () => {
    const [request, response] = (await once(server, 'request')) as [http.IncomingMessage, http.ServerResponse];
    let body = '';
    for await (const chunk of request) body += chunk;
    response.writeHead(204).end();
    return { authorization: request.headers.authorization, auth_req_id: JSON.parse(body).auth_req_id as string };
  };
  return { url, next, stop: () => server.close() };
}

describe('CIBA of client libraries', () => {
  let url: string;
  let own: Signer;
  let told: Awaited<ReturnType<typeof notified>>;
  /** What the user is asked, in order. */
  const asked: BackchannelRequest<Registered, User>[] = [];
  let allow: (index: number) => Promise<unknown>;

  before(async () => {
    own = await signer();
    told = await notified();
    const keys = await keySet({ signing: await generateSigningKey('RS256') });
    const common = { client_secret: SECRET, redirect_uris: [], grant_types: [CIBA, 'refresh_token'] };
    const apps = [
      registered('till', { ...common, backchannel_token_delivery_mode: 'poll' }),
      registered('signing', {
        ...common,
        jwks: own.jwks,
        backchannel_token_delivery_mode: 'poll',
        backchannel_authentication_request_signing_alg: 'ES256',
      }),
      registered('pinged', {
        ...common,
        backchannel_token_delivery_mode: 'ping',
        backchannel_client_notification_endpoint: told.url,
      }),
    ];
    const clients = { find: (id: string) => apps.find(({ client_id }) => client_id === id) };
    url = await serve((issuer) => {
      const tokens = tokenService<Registered, User>({ store: memoryStore() });
      const ciba = backchannelAuthentication<Registered, User>({
        interval: 1,
        allowHTTP: 'loopback',
        findUser: ({ loginHint, sub }) => ({ id: loginHint ?? sub ?? '', name: 'Alice' }),
        ask: (_ctx, one) => asked.push(one),
      });
      const server = createServer<Registered, User>({ issuer, clients, tokens, keys })
        .grant(grant.code(tokens.code)) // Discovery §3: every OpenID Provider has an authorization endpoint
        .exchange(exchange.code(tokens.code))
        .exchange(exchange.refreshToken(tokens.refreshToken))
        .extend(pkce())
        .extend(openidExtension())
        .extend(ciba)
        .extend(jwks())
        .extend(metadata());
      const router = new Router();
      server.mount(router, {
        authenticateClient: clientAuthentication<Registered>({ server, methods: [clientSecretBasic()] }),
      });
      const koa = new Koa();
      koa.silent = true;
      koa.use(server.errorHandler()).use(router.routes());
      router.post('/app/:index', async (ctx) => {
        const one = asked[Number(ctx.params['index'])];
        ctx.body = { became: one && (await ciba.decide(ctx, one.id, { user: one.user, allow: true })) };
      });
      return koa;
    });
    allow = async (index) => (await fetch(`${url}/app/${index}`, { method: 'POST' })).json();
  });
  after(async () => {
    told.stop();
    await stopAll();
  });

  const discovered = async () =>
    oauth.processDiscoveryResponse(new URL(url), await oauth.discoveryRequest(new URL(url), insecure));

  it('oauth4webapi: poll', async () => {
    const [as, client, auth] = [await discovered(), { client_id: 'till' }, oauth.ClientSecretBasic(SECRET)];
    const params = { scope: 'openid read', login_hint: 'alice', binding_message: 'W4SCT' };
    const begun = await oauth.processBackchannelAuthenticationResponse(
      as,
      client,
      await oauth.backchannelAuthenticationRequest(as, client, auth, params, insecure),
    );
    const poll = async () =>
      oauth.processBackchannelAuthenticationGrantResponse(
        as,
        client,
        await oauth.backchannelAuthenticationGrantRequest(as, client, auth, begun.auth_req_id, insecure),
      );
    await assert.rejects(poll(), { error: 'authorization_pending' });
    assert.deepEqual(await allow(asked.length - 1), { became: 'allowed' });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const tokens = await poll();
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    assert.deepEqual([tokens.scope, claims?.sub, claims?.aud], ['openid read', 'alice', 'till']);
  });

  const configure = (id: string) =>
    openid.discovery(new URL(url), id, undefined, openid.ClientSecretBasic(SECRET), {
      execute: [openid.allowInsecureRequests],
    });

  it('openid-client, which waits and asks by itself; and again with the ID token as a hint', async () => {
    const config = await configure('till');
    let hint: object = { login_hint: 'bob' };
    for (let round = 0; round < 2; round += 1) {
      const begun = await openid.initiateBackchannelAuthentication(config, { scope: 'openid', ...hint });
      const polling = openid.pollBackchannelAuthenticationGrant(config, begun);
      await allow(asked.length - 1);
      const tokens = await polling;
      assert.equal(tokens.claims()?.sub, 'bob');
      const fresh = await openid.refreshTokenGrant(config, String(tokens.refresh_token));
      assert.equal(fresh.claims()?.sub, 'bob');
      hint = { id_token_hint: String(tokens.id_token) };
    }
  });

  it('openid-client: a signed request', async () => {
    const config = await configure('signing');
    const params = { scope: 'openid', login_hint: 'carol' };
    await assert.rejects(openid.initiateBackchannelAuthentication(config, params), { error: 'invalid_request' });
    const now = Math.floor(Date.now() / 1000);
    const request = await new SignJWT({ ...params, nbf: now, jti: openid.randomState() })
      .setProtectedHeader({ alg: 'ES256', kid: own.kid })
      .setIssuer('signing')
      .setAudience(url)
      .setIssuedAt(now)
      .setExpirationTime('2m')
      .sign(own.privateKey);
    const begun = await openid.initiateBackchannelAuthentication(config, { request });
    await allow(asked.length - 1);
    assert.equal((await openid.pollBackchannelAuthenticationGrant(config, begun)).claims()?.sub, 'carol');
  });

  it('openid-client: ping', async () => {
    const config = await configure('pinged');
    const token = openid.randomState();
    const begun = await openid.initiateBackchannelAuthentication(config, {
      scope: 'openid',
      login_hint: 'dave',
      client_notification_token: token,
    });
    const ping = told.next();
    await allow(asked.length - 1);
    assert.deepEqual(await ping, { authorization: `Bearer ${token}`, auth_req_id: begun.auth_req_id });
    assert.equal((await openid.pollBackchannelAuthenticationGrant(config, begun)).claims()?.sub, 'dave');
  });
});
