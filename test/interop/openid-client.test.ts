/** The quickstart example, driven by openid-client as an application would use it. */
import assert from 'node:assert/strict';
import * as client from 'openid-client';
import { registration } from '../../examples/quickstart/client.js';
import { Person } from '../support/person.js';
import { type Running, startQuickstart, USER } from '../support/quickstart.js';

describe('openid-client and the quickstart', () => {
  let running: Running;

  before(async () => {
    running = await startQuickstart();
  });
  after(() => running.stop());

  const configure = (auth?: client.ClientAuth, secret = registration(running.url).secret) =>
    client.discovery(new URL(running.url), 'demo', secret, auth, {
      algorithm: 'oauth2',
      execute: [client.allowInsecureRequests],
    });

  async function connect(
    config: client.Configuration,
    choice: 'allow' | 'deny' = 'allow',
    changes: Readonly<Record<string, string>> = {},
  ) {
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const expectedState = client.randomState();
    const request = client.buildAuthorizationUrl(config, {
      redirect_uri: registration(running.url).redirect_uris[0] ?? '',
      scope: 'profile',
      state: expectedState,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      ...changes,
    });
    const answer = await new Person(running.url).answer(request, USER, choice);
    return client.authorizationCodeGrant(config, answer, { pkceCodeVerifier, expectedState });
  }

  async function me(config: client.Configuration, token: string): Promise<unknown> {
    const response = await client.fetchProtectedResource(config, token, new URL('/api/me', running.url), 'GET');
    return response.json();
  }

  const methods = {
    'its default method': undefined,
    client_secret_basic: client.ClientSecretBasic(),
    client_secret_post: client.ClientSecretPost(),
  };
  for (const [name, auth] of Object.entries(methods)) {
    it(`connects, calls the API, refreshes and calls again, by ${name}`, async () => {
      const config = await configure(auth);
      const first = await connect(config);
      assert.deepEqual(await me(config, first.access_token), { client: 'demo', name: 'Alice Liddell' });
      const second = await client.refreshTokenGrant(config, first.refresh_token ?? '');
      assert.deepEqual(await me(config, second.access_token), { client: 'demo', name: 'Alice Liddell' });
      await client.tokenRevocation(config, second.refresh_token ?? '');
      await assert.rejects(client.refreshTokenGrant(config, second.refresh_token ?? ''), { error: 'invalid_grant' });
      assert.deepEqual(await client.tokenIntrospection(config, second.access_token), { active: false });
    });
  }

  it('asks for a token of its own', async () => {
    const config = await configure();
    const tokens = await client.clientCredentialsGrant(config);
    assert.deepEqual(await me(config, tokens.access_token), { client: 'demo' });
  });

  it('is told of a denial', async () => {
    await assert.rejects(connect(await configure(), 'deny'), { error: 'access_denied' });
  });

  it('is told of an unknown scope', async () => {
    await assert.rejects(connect(await configure(), 'allow', { scope: 'admin' }), { error: 'invalid_scope' });
  });

  it('is told of a wrong secret', async () => {
    const config = await configure(undefined, 'wrong');
    await assert.rejects(client.clientCredentialsGrant(config), { error: 'invalid_client', status: 400 });
  });
});
