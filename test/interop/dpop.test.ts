/** oauth4webapi and openid-client drive DPoP (RFC 9449) over real HTTP: pushed requests, codes, refreshes and an API, with nonces and without. */
import assert from 'node:assert/strict';
import { dpopNonces } from 'koauthorize';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { CALLBACK } from '../support/authorization-server.js';
import { dpopServer, PUBLIC, SERVICE } from '../support/dpop-server.js';
import { serve } from '../support/interop-server.js';

const insecure = { [oauth.allowInsecureRequests]: true };
const SECRET = 'a secret of thirty-two characters';

/** The server at a URL of its own, by the machine's clock. @returns its URL */
function served(withNonces: boolean): Promise<string> {
  const nonces = withNonces ? { nonces: dpopNonces({ secret: SECRET }) } : {};
  return serve((url) => {
    const { app, clock } = dpopServer({ dpop: nonces, proof: { baseURL: url, ...nonces }, server: { issuer: url } });
    clock.now = Math.floor(Date.now() / 1000);
    return app;
  });
}

/** Follows the redirect of a browser to the client. */
async function visit(url: URL): Promise<URL> {
  const { headers } = await fetch(url, { redirect: 'manual' });
  return new URL(headers.get('location') ?? assert.fail('no redirect'));
}

/** As applications of oauth4webapi do: once more, with the nonce that the server told. */
async function withRetry<T>(work: () => Promise<T>, told: string[]): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    told.push('use_dpop_nonce');
    return work();
  }
}

describe('DPoP with oauth4webapi', () => {
  for (const withNonces of [false, true]) {
    for (const alg of ['ES256', 'PS256', 'Ed25519']) {
      it(`${alg}, ${withNonces ? 'with nonces' : 'without nonces'}: pushed request, code, API, refresh`, async () => {
        const url = await served(withNonces);
        const told: string[] = [];
        const discovered = await oauth.discoveryRequest(new URL(url), { algorithm: 'oauth2', ...insecure });
        const as = await oauth.processDiscoveryResponse(new URL(url), discovered);
        assert.ok(as.dpop_signing_alg_values_supported?.includes(alg));
        const client: oauth.Client = { client_id: PUBLIC.client_id };
        const DPoP = oauth.DPoP(client, await oauth.generateKeyPair(alg));
        const options = { DPoP, ...insecure };

        const verifier = oauth.generateRandomCodeVerifier();
        const params = {
          response_type: 'code',
          redirect_uri: CALLBACK,
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          dpop_jkt: await DPoP.calculateThumbprint(),
        };
        const pushed = await withRetry(
          async () =>
            oauth.processPushedAuthorizationResponse(
              as,
              client,
              await oauth.pushedAuthorizationRequest(as, client, oauth.None(), params, options),
            ),
          told,
        );
        const request = new URL(as.authorization_endpoint ?? '');
        request.search = String(new URLSearchParams({ client_id: client.client_id, request_uri: pushed.request_uri }));
        const answer = oauth.validateAuthResponse(as, client, await visit(request), oauth.expectNoState);
        const tokens = await withRetry(
          async () =>
            oauth.processAuthorizationCodeResponse(
              as,
              client,
              await oauth.authorizationCodeGrantRequest(as, client, oauth.None(), answer, CALLBACK, verifier, options),
            ),
          told,
        );
        assert.equal(tokens.token_type, 'dpop');
        const ask = (token: string) =>
          withRetry(
            () => oauth.protectedResourceRequest(token, 'GET', new URL(`${url}/notes`), undefined, undefined, options),
            told,
          );
        assert.equal((await ask(tokens.access_token)).status, 200);
        const refreshed = await withRetry(
          async () =>
            oauth.processRefreshTokenResponse(
              as,
              client,
              await oauth.refreshTokenGrantRequest(as, client, oauth.None(), tokens.refresh_token ?? '', options),
            ),
          told,
        );
        assert.equal((await ask(refreshed.access_token)).status, 200);
        assert.equal(told.length > 0, withNonces);
      });
    }
  }
});

describe('DPoP with openid-client', () => {
  for (const withNonces of [false, true]) {
    it(`${withNonces ? 'with nonces, which it sends by itself' : 'without nonces'}: client credentials, and an API`, async () => {
      const url = await served(withNonces);
      const config = await openid.discovery(
        new URL(url),
        SERVICE.client_id,
        undefined,
        openid.ClientSecretBasic(String(SERVICE['client_secret'])),
        { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] },
      );
      const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
      const tokens = await openid.clientCredentialsGrant(config, {}, { DPoP });
      assert.equal(tokens.token_type, 'dpop');
      const ask = () =>
        openid.fetchProtectedResource(
          config,
          tokens.access_token,
          new URL(`${url}/notes`),
          'GET',
          undefined,
          undefined,
          { DPoP },
        );
      assert.equal((await ask()).status, 200);
      assert.equal((await ask()).status, 200);
    });
  }
});
