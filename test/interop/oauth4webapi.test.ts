/** The quickstart example, driven by oauth4webapi. */
import assert from 'node:assert/strict';
import * as oauth from 'oauth4webapi';
import { registration } from '../../examples/quickstart/client.js';
import { Person } from '../support/person.js';
import { type Running, startQuickstart, USER } from '../support/quickstart.js';

const insecure = { [oauth.allowInsecureRequests]: true };

describe('oauth4webapi and the quickstart', () => {
  let running: Running;
  let as: oauth.AuthorizationServer;
  let client: oauth.Client;
  let redirectURI: string;
  let secret: string;

  before(async () => {
    running = await startQuickstart();
    const { client_id, redirect_uris, secret: registered } = registration(running.url);
    [client, redirectURI, secret] = [{ client_id }, redirect_uris[0] ?? '', registered];
    const response = await oauth.discoveryRequest(new URL(running.url), { ...insecure, algorithm: 'oauth2' });
    as = await oauth.processDiscoveryResponse(new URL(running.url), response);
  });
  after(() => running.stop());

  const basic = (): oauth.ClientAuth => oauth.ClientSecretBasic(secret);

  interface Asked {
    readonly url: URL;
    readonly state: string;
    readonly verifier: string;
  }

  /** A good authorization request, but for what a test changes: undefined leaves a parameter out. */
  async function ask(changes: Readonly<Record<string, string | undefined>> = {}): Promise<Asked> {
    const state = oauth.generateRandomState();
    const verifier = oauth.generateRandomCodeVerifier();
    const params: Record<string, string | undefined> = {
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: redirectURI,
      scope: 'profile email',
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...changes,
    };
    const url = new URL(as.authorization_endpoint ?? '');
    for (const [name, value] of Object.entries(params)) if (value !== undefined) url.searchParams.set(name, value);
    return { url, state, verifier };
  }

  /** From login over the dialog to the parameters of the answer, checked as RFC 9207 has it. */
  async function answer({ url, state }: Asked, choice: 'allow' | 'deny' = 'allow'): Promise<URLSearchParams> {
    const location = await new Person(running.url).answer(url, USER, choice);
    assert.equal(location.origin + location.pathname, redirectURI);
    return oauth.validateAuthResponse(as, client, location, state);
  }

  const exchange = (params: URLSearchParams, verifier: string, auth = basic(), uri = redirectURI): Promise<Response> =>
    oauth.authorizationCodeGrantRequest(as, client, auth, params, uri, verifier, insecure);

  async function connect(auth = basic()): Promise<oauth.TokenEndpointResponse> {
    const asked = await ask();
    const response = await exchange(await answer(asked), asked.verifier, auth);
    return oauth.processAuthorizationCodeResponse(as, client, response);
  }

  const refresh = (token: string | undefined, auth = basic(), more: Record<string, string> = {}): Promise<Response> =>
    oauth.refreshTokenGrantRequest(as, client, auth, token ?? '', { ...insecure, additionalParameters: more });

  async function me(token: string): Promise<unknown> {
    const url = new URL('/api/me', running.url);
    const response = await oauth.protectedResourceRequest(token, 'GET', url, undefined, undefined, insecure);
    assert.equal(response.status, 200);
    return response.json();
  }

  /** The error of the token endpoint as the library understands it. */
  async function refused(response: Response, error: string, status = 400): Promise<void> {
    assert.equal(response.headers.get('cache-control'), 'no-store');
    const processed = oauth.processGenericTokenEndpointResponse(as, client, response);
    await assert.rejects(processed, (thrown) => {
      if (status === 401) {
        assert.ok(thrown instanceof oauth.WWWAuthenticateChallengeError, String(thrown));
        assert.equal(thrown.status, 401);
        assert.deepEqual(
          thrown.cause.map(({ scheme }) => scheme),
          ['basic'],
        );
        return true;
      }
      assert.ok(thrown instanceof oauth.ResponseBodyError, String(thrown));
      assert.deepEqual([thrown.error, thrown.status], [error, status]);
      return true;
    });
  }

  it('discovers the server, RFC 8414', () => {
    assert.deepEqual(as, {
      issuer: running.url,
      authorization_endpoint: `${running.url}/authorize`,
      token_endpoint: `${running.url}/token`,
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      scopes_supported: ['profile', 'email'],
      introspection_endpoint: `${running.url}/introspect`,
      revocation_endpoint: `${running.url}/revoke`,
    });
  });

  const methods = {
    client_secret_basic: oauth.ClientSecretBasic,
    client_secret_post: oauth.ClientSecretPost,
  } as const;
  for (const [name, withSecret] of Object.entries(methods)) {
    describe(name, () => {
      it('code and PKCE, then the API', async () => {
        const tokens = await connect(withSecret(secret));
        assert.equal(tokens.token_type, 'bearer');
        assert.equal(tokens.expires_in, 900);
        assert.equal(tokens.scope, 'profile email');
        const expected = { client: 'demo', name: 'Alice Liddell', email: 'alice@example.com' };
        assert.deepEqual(await me(tokens.access_token), expected);
      });

      it('refresh token, rotated', async () => {
        const first = await connect(withSecret(secret));
        const response = await refresh(first.refresh_token, withSecret(secret));
        const second = await oauth.processRefreshTokenResponse(as, client, response);
        assert.notEqual(second.access_token, first.access_token);
        assert.notEqual(second.refresh_token, first.refresh_token);
        assert.equal(second.scope, 'profile email');
        assert.deepEqual(await me(second.access_token), await me(first.access_token));
      });

      it('client credentials', async () => {
        const response = await oauth.clientCredentialsGrantRequest(as, client, withSecret(secret), {}, insecure);
        const tokens = await oauth.processClientCredentialsResponse(as, client, response);
        assert.equal(tokens.refresh_token, undefined);
        assert.deepEqual(await me(tokens.access_token), { client: 'demo' });
      });
    });
  }

  it('a secret that is wrong: invalid_client, 401 and a challenge in the header, 400 in the body', async () => {
    for (const [auth, status] of [
      [oauth.ClientSecretBasic('wrong'), 401],
      [oauth.ClientSecretPost('wrong'), 400],
    ] as const) {
      const response = await oauth.clientCredentialsGrantRequest(as, client, auth, {}, insecure);
      const { error } = (await response.clone().json()) as { error: string };
      assert.equal(error, 'invalid_client');
      await refused(response, 'invalid_client', status);
    }
  });

  it('a client nobody registered: invalid_client', async () => {
    const other = { client_id: 'nobody' };
    const response = await oauth.clientCredentialsGrantRequest(as, other, basic(), {}, insecure);
    await refused(response, 'invalid_client', 401);
  });

  it('scope that was granted is narrowed by a refresh, and never widened', async () => {
    const asked = await ask({ scope: 'profile' });
    const response = await exchange(await answer(asked), asked.verifier);
    const first = await oauth.processAuthorizationCodeResponse(as, client, response);
    assert.equal(first.scope, 'profile');
    assert.deepEqual(await me(first.access_token), { client: 'demo', name: 'Alice Liddell' });
    await refused(await refresh(first.refresh_token, basic(), { scope: 'profile email' }), 'invalid_scope');

    const whole = await connect();
    const narrowed = await refresh(whole.refresh_token, basic(), { scope: 'email' });
    const second = await oauth.processRefreshTokenResponse(as, client, narrowed);
    assert.equal(second.scope, 'email');
    assert.deepEqual(await me(second.access_token), { client: 'demo', email: 'alice@example.com' });
  });

  it('without a scope: the default, and the response says which', async () => {
    const asked = await ask({ scope: undefined });
    const response = await exchange(await answer(asked), asked.verifier);
    assert.equal((await oauth.processAuthorizationCodeResponse(as, client, response)).scope, 'profile');
  });

  describe('the answer is an error', () => {
    const long = 'x'.repeat(43);
    const rows: readonly [string, Readonly<Record<string, string | undefined>>, string][] = [
      ['a scope nobody knows', { scope: 'profile admin' }, 'invalid_scope'],
      ['a malformed scope', { scope: 'a"b' }, 'invalid_scope'],
      ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
      ['plain PKCE', { code_challenge: long, code_challenge_method: 'plain' }, 'invalid_request'],
      ['a PKCE method left out, which means plain', { code_challenge_method: undefined }, 'invalid_request'],
      ['a malformed challenge', { code_challenge: 'short' }, 'invalid_request'],
      ['no response_type', { response_type: undefined }, 'invalid_request'],
      ['a token in the front channel', { response_type: 'token' }, 'unsupported_response_type'],
      ['a response type nobody knows', { response_type: 'code id_token' }, 'unsupported_response_type'],
      ['a response mode nobody knows', { response_mode: 'pigeon' }, 'invalid_request'],
    ];
    for (const [what, changes, error] of rows) {
      it(`${what}: ${error}`, async () => {
        const asked = await ask(changes);
        await assert.rejects(answer(asked), (thrown) => {
          assert.ok(thrown instanceof oauth.AuthorizationResponseError, String(thrown));
          assert.equal(thrown.error, error);
          assert.equal(thrown.cause.get('state'), asked.state);
          assert.equal(thrown.cause.get('iss'), running.url);
          assert.ok(thrown.error_description);
          return true;
        });
      });
    }

    it('the user denies: access_denied', async () => {
      const asked = await ask();
      await assert.rejects(answer(asked, 'deny'), (thrown) => {
        assert.ok(thrown instanceof oauth.AuthorizationResponseError);
        assert.equal(thrown.error, 'access_denied');
        assert.equal(thrown.cause.get('state'), asked.state);
        return true;
      });
    });

    it('a parameter given twice: invalid_request', async () => {
      const asked = await ask();
      asked.url.searchParams.append('scope', 'email');
      await assert.rejects(answer(asked), { error: 'invalid_request' });
    });
  });

  describe('the answer is a page, and no redirect', () => {
    const rows: readonly [string, Readonly<Record<string, string | undefined>>, number][] = [
      ['a client nobody registered', { client_id: 'nobody' }, 403],
      ['no client', { client_id: undefined }, 400],
      ['a redirect URI nobody registered', { redirect_uri: 'https://attacker.example/' }, 400],
    ];
    for (const [what, changes, status] of rows) {
      it(what, async () => {
        const { url } = await ask(changes);
        const page = await new Person(running.url).open(url, USER);
        assert.equal(page.status, status);
        assert.equal(page.headers.get('location'), null);
        assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
        assert.match(await page.text(), /<h1>This link does not work<\/h1>/);
      });
    }
  });

  describe('the token endpoint refuses', () => {
    it('a verifier that does not match, and spends the code: invalid_grant', async () => {
      const asked = await ask();
      const params = await answer(asked);
      await refused(await exchange(params, oauth.generateRandomCodeVerifier()), 'invalid_grant');
      await refused(await exchange(params, asked.verifier), 'invalid_grant');
    });

    it('a code for the second time, and revokes what came from it: invalid_grant', async () => {
      const asked = await ask();
      const params = await answer(asked);
      const response = await exchange(params, asked.verifier);
      const tokens = await oauth.processAuthorizationCodeResponse(as, client, response);
      await refused(await exchange(params, asked.verifier), 'invalid_grant');
      await refused(await refresh(tokens.refresh_token), 'invalid_grant');
      await assert.rejects(me(tokens.access_token), oauth.WWWAuthenticateChallengeError);
    });

    it('another redirect URI than the one of the request: invalid_grant', async () => {
      const asked = await ask();
      const params = await answer(asked);
      const response = await exchange(params, asked.verifier, basic(), `${running.url}/demo/other`);
      await refused(response, 'invalid_grant');
    });

    it('tokens nobody handed out: invalid_grant', async () => {
      await refused(await refresh('made-up'), 'invalid_grant');
    });

    it('a grant type nobody knows: unsupported_grant_type', async () => {
      for (const type of ['urn:example:bribe', '__proto__', 'password']) {
        const response = await oauth.genericTokenEndpointRequest(as, client, basic(), type, {}, insecure);
        await refused(response, 'unsupported_grant_type');
      }
    });

    it("a user's scope for a client alone: invalid_scope", async () => {
      const params = { scope: 'profile' };
      const response = await oauth.clientCredentialsGrantRequest(as, client, basic(), params, insecure);
      await refused(response, 'invalid_scope');
    });
  });

  it('gives the same answer to a refresh token that comes again at once, as from a parallel tab', async () => {
    const first = await connect();
    const second = await oauth.processRefreshTokenResponse(as, client, await refresh(first.refresh_token));
    const again = await oauth.processRefreshTokenResponse(as, client, await refresh(first.refresh_token));
    assert.deepEqual([again.access_token, again.refresh_token], [second.access_token, second.refresh_token]);
  });

  it('the API refuses a token nobody handed out, with a challenge', async () => {
    await assert.rejects(me('made-up'), (thrown) => {
      assert.ok(thrown instanceof oauth.WWWAuthenticateChallengeError);
      assert.deepEqual(
        thrown.cause.map(({ scheme, parameters }) => [scheme, parameters.error]),
        [['bearer', 'invalid_token']],
      );
      return true;
    });
  });
});
