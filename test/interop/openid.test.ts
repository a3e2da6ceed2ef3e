/** An OpenID Provider, driven by openid-client and oauth4webapi over HTTP: what they verify of an ID token holds. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import { createServer, exchange, grant, jwks, metadata, openid, pkce, type Transaction } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import { generateSigningKey, keySet, memoryStore, type SigningAlgorithm, tokenService } from 'koauthorize/tokens';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import type { User } from '../support/authorization-server.js';
import { type Registered, client as registered } from '../support/client-auth.js';
import { serve, stopAll } from '../support/interop-server.js';

const REDIRECT = 'https://client.example/callback';
const ALGORITHMS: readonly SigningAlgorithm[] = ['RS256', 'PS256', 'ES256', 'EdDSA'];

const alice: Middleware = (ctx, next) => {
  ctx.state['user'] = { id: 'alice', name: 'Alice' };
  return next();
};

async function provider(): Promise<string> {
  const keys = await keySet({ signing: await Promise.all(ALGORITHMS.map((alg) => generateSigningKey(alg))) });
  const apps = ALGORITHMS.map((alg) =>
    registered(alg, { client_secret: 'a secret', redirect_uris: [REDIRECT], id_token_signed_response_alg: alg }),
  );
  const clients = { find: (id: string) => apps.find(({ client_id }) => client_id === id) };
  return serve((issuer) => {
    const tokens = tokenService<Registered, User>({ store: memoryStore() });
    const authenticationEvent = () => ({ authenticatedAt: Math.floor(Date.now() / 1000) - 5, acr: 'pwd' });
    const server = createServer<Registered, User>({ issuer, clients, tokens, keys, authenticationEvent })
      .grant(grant.code(tokens.code))
      .grant(grant.token(tokens.token))
      .exchange(exchange.code(tokens.code))
      .exchange(exchange.refreshToken(tokens.refreshToken))
      .extend(pkce({ allowMissing: () => true }))
      .extend(openid({ responseTypes: ['id_token', 'code id_token'] }));
    const authenticate = clientAuthentication<Registered>({ ...clients, methods: [clientSecretBasic()] });
    server.extend(authenticate);
    const immediate = ({ user }: Transaction<Registered, User>) => user !== undefined;
    const router = new Router();
    router.get('/authorize', alice, server.authorization({ immediate }) as Middleware);
    router.post('/token', authenticate, server.token());
    router.all('/jwks', server.endpoint(jwks(keys)));
    router.all('/.well-known/openid-configuration', server.endpoint(metadata()));
    const app = new Koa();
    app.keys = ['for tests'];
    app.use(session(app)).use(server.errorHandler()).use(router.routes());
    return app;
  });
}

describe('openid-client and oauth4webapi with an OpenID Provider', () => {
  let issuer: string;
  before(async () => {
    issuer = await provider();
  });
  after(stopAll);

  const configure = (alg: string) =>
    client.discovery(
      new URL(issuer),
      alg,
      { client_secret: 'a secret', id_token_signed_response_alg: alg },
      client.ClientSecretBasic('a secret'),
      { execute: [client.allowInsecureRequests] },
    );

  /** Where the server sends the browser. */
  async function answerTo(url: URL): Promise<URL> {
    const response = await fetch(url, { redirect: 'manual' });
    return new URL(response.headers.get('location') ?? assert.fail(await response.text()));
  }

  for (const alg of ALGORITHMS) {
    it(`${alg}: a code with nonce and max_age, and a refresh`, async () => {
      const config = await configure(alg);
      const [nonce, state, pkceCodeVerifier] = [
        client.randomNonce(),
        client.randomState(),
        client.randomPKCECodeVerifier(),
      ];
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: REDIRECT,
        scope: 'openid',
        max_age: '60',
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
        nonce,
        state,
      });
      const checks = {
        expectedNonce: nonce,
        expectedState: state,
        pkceCodeVerifier,
        maxAge: 60,
        idTokenExpected: true,
      };
      const tokens = await client.authorizationCodeGrant(config, await answerTo(url), checks);
      const { sub, acr } = tokens.claims() ?? assert.fail('no ID token');
      assert.deepEqual([sub, acr], ['alice', 'pwd']);
      const again = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
      assert.equal(again.claims()?.sub, 'alice');
    });

    it(`${alg}: code id_token, whose c_hash fits`, async () => {
      const config = await configure(alg);
      client.useCodeIdTokenResponseType(config);
      const [nonce, state] = [client.randomNonce(), client.randomState()];
      const url = client.buildAuthorizationUrl(config, { redirect_uri: REDIRECT, scope: 'openid', nonce, state });
      assert.equal(url.searchParams.get('response_type'), 'code id_token');
      const checks = { expectedNonce: nonce, expectedState: state };
      const tokens = await client.authorizationCodeGrant(config, await answerTo(url), checks);
      assert.equal(tokens.claims()?.sub, 'alice');
    });

    it(`${alg}: id_token`, async () => {
      const config = await configure(alg);
      client.useIdTokenResponseType(config);
      const [nonce, state] = [client.randomNonce(), client.randomState()];
      const url = client.buildAuthorizationUrl(config, { redirect_uri: REDIRECT, scope: 'openid', nonce, state });
      const claims = await client.implicitAuthentication(config, await answerTo(url), nonce, { expectedState: state });
      assert.equal(claims.sub, 'alice');
    });
  }

  it('oauth4webapi verifies the signature, nonce, at_hash and auth_time', async () => {
    const insecure = { [oauth.allowInsecureRequests]: true };
    const url = new URL(issuer);
    const as = await oauth.processDiscoveryResponse(
      url,
      await oauth.discoveryRequest(url, { algorithm: 'oidc', ...insecure }),
    );
    const app: oauth.Client = { client_id: 'ES256', id_token_signed_response_alg: 'ES256', require_auth_time: true };
    const nonce = oauth.generateRandomNonce();
    const request = new URL(as.authorization_endpoint ?? '');
    request.search = String(
      new URLSearchParams({
        client_id: 'ES256',
        redirect_uri: REDIRECT,
        response_type: 'code',
        scope: 'openid',
        nonce,
      }),
    );
    const params = oauth.validateAuthResponse(as, app, await answerTo(request), oauth.skipStateCheck);
    const auth = oauth.ClientSecretBasic('a secret');
    const response = await oauth.authorizationCodeGrantRequest(as, app, auth, params, REDIRECT, oauth.nopkce, insecure);
    const checks = { expectedNonce: nonce, requireIdToken: true };
    const result = await oauth.processAuthorizationCodeResponse(as, app, response, checks);
    await oauth.validateApplicationLevelSignature(as, response, insecure);
    assert.equal(oauth.getValidatedIdTokenClaims(result)?.sub, 'alice');
  });
});
