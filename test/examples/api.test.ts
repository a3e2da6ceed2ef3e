/** examples/api beside the quickstart, by way of a client that finds everything from the API's challenge. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { API, greetingsAPI } from '../../examples/api/server.js';
import { registration } from '../../examples/quickstart/client.js';
import { apiRegistration } from '../../examples/quickstart/data.js';
import { Person } from '../support/person.js';
import { type Running, startQuickstart, USER } from '../support/quickstart.js';

const insecure = { [oauth.allowInsecureRequests]: true };

describe('examples/api', () => {
  let authorizationServer: Running;
  let http: Server;
  let url: string;

  before(async () => {
    authorizationServer = await startQuickstart();
    http = createServer();
    await new Promise<void>((resolve) => http.listen(0, resolve));
    url = `http://localhost:${(http.address() as AddressInfo).port}`;
    http.on('request', greetingsAPI(url, authorizationServer.url).callback());
  });
  after(async () => {
    http.closeAllConnections();
    http.close();
    await authorizationServer.stop();
  });

  /** From nothing but the URL of the API: its challenge, its metadata, its authorization server. */
  async function discover(): Promise<client.Configuration> {
    const response = await fetch(`${url}/greeting`);
    const [, where = ''] = /resource_metadata="([^"]+)"/.exec(response.headers.get('WWW-Authenticate') ?? '') ?? [];
    const metadata = (await (await fetch(where)).json()) as { resource: string; authorization_servers: string[] };
    assert.equal(metadata.resource, url);
    const { client_id, secret } = registration(authorizationServer.url);
    const [issuer = ''] = metadata.authorization_servers;
    const options: client.DiscoveryRequestOptions = { algorithm: 'oauth2', execute: [client.allowInsecureRequests] };
    return client.discovery(new URL(issuer), client_id, secret, undefined, options);
  }

  async function connect(config: client.Configuration, scope: string): Promise<string> {
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const request = client.buildAuthorizationUrl(config, {
      redirect_uri: registration(authorizationServer.url).redirect_uris[0] ?? '',
      scope,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    const answer = await new Person(authorizationServer.url).answer(request, USER, 'allow');
    return (await client.authorizationCodeGrant(config, answer, { pkceCodeVerifier })).access_token;
  }

  const call = (token: string, path: string, method = 'GET') =>
    oauth.protectedResourceRequest(token, method, new URL(path, url), undefined, undefined, insecure);

  it('its client ID and secret are those that the quickstart registered', () =>
    assert.deepEqual(API, { client_id: apiRegistration.client_id, secret: apiRegistration.secret }));

  it('lets in a token with the scope, and says what another lacks', async () => {
    const config = await discover();
    const token = await connect(config, 'profile');
    assert.deepEqual(await (await call(token, '/greeting')).json(), { greeting: 'Hello u1' });
    await assert.rejects(call(token, '/letter', 'POST'), (error) => {
      assert.ok(error instanceof oauth.WWWAuthenticateChallengeError);
      const { scheme, parameters } = error.cause[0] ?? assert.fail('no challenge');
      assert.deepEqual(
        [error.status, scheme, parameters.error, parameters.scope],
        [403, 'bearer', 'insufficient_scope', 'profile email'],
      );
      return true;
    });
    const more = await connect(config, 'profile email');
    assert.deepEqual(await (await call(more, '/letter', 'POST')).json(), { sent: true });
  });

  it('does not let in what is no token of the server, nor a refresh token, nor a revoked one', async () => {
    const config = await discover();
    const token = await connect(config, 'profile');
    await client.tokenRevocation(config, token);
    for (const wrong of [token, 'made-up']) {
      await assert.rejects(call(wrong, '/greeting'), (error) => {
        assert.ok(error instanceof oauth.WWWAuthenticateChallengeError);
        assert.deepEqual([error.status, error.cause[0]?.parameters.error], [401, 'invalid_token']);
        return true;
      });
    }
  });
});
