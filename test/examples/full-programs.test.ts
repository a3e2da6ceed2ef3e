/** What clients and APIs call in the full example: endpoints, grants, client authentication, CORS. */
import assert from 'node:assert/strict';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { jwtVerifier } from 'koauthorize/resource-server';
import { ALICE, type RunningFull, startFull } from '../support/full.js';
import { Agent, api, call, codeIn, DEMO, exchange, GREETINGS, ROBOT, request } from '../support/full-agent.js';

const OLD = { id: 'old-timer', secret: 'only-old-timers-know' } as const;

describe('the full example, for programs', () => {
  let full: RunningFull;
  let agent: Agent;
  before(async () => {
    full = await startFull();
    agent = new Agent(full.url);
    await agent.login(ALICE);
    await agent.allow(await agent.open(request(full.url, { scope: 'profile notes notes:write' })));
  });
  after(() => full.stop());

  const tokensFor = async (scope: string) => exchange(full.url, codeIn(await agent.open(request(full.url, { scope }))));
  const metadata = async (server = full) =>
    (await (await fetch(`${server.url}/.well-known/oauth-authorization-server`)).json()) as Record<string, string[]>;

  it('the metadata says what there is, and nothing legacy', async () => {
    const { grant_types_supported: grants, response_types_supported, ...more } = await metadata();
    const further = ['device_code', 'token-exchange'].map((name) => `urn:ietf:params:oauth:grant-type:${name}`);
    assert.deepEqual(grants?.toSorted(), [
      ...['authorization_code', 'client_credentials', 'refresh_token', ...further, 'urn:openid:params:grant-type:ciba'],
    ]);
    assert.deepEqual(response_types_supported, ['code']);
    assert.deepEqual(more['scopes_supported'], [
      ...['openid', 'profile', 'email', 'address', 'phone', 'offline_access', 'notes', 'notes:write'],
    ]);
    const methods = ['client_secret_basic', 'client_secret_post', 'none', 'private_key_jwt'];
    assert.deepEqual(more['token_endpoint_auth_methods_supported'], methods);
    for (const name of ['token', 'authorization', 'introspection', 'revocation'])
      assert.equal(new URL(String(more[`${name}_endpoint`])).origin, full.issuer);
  });

  it('an access token is a JWT that an API elsewhere can verify by itself', async () => {
    const { access_token } = await tokensFor('profile');
    const verify = jwtVerifier({ issuer: full.issuer, audience: `${full.issuer}/api` });
    const token = await verify(access_token);
    assert.deepEqual([token?.subject, token?.clientID, token?.scope], ['u1', 'demo', ['profile']]);
    assert.equal(
      await jwtVerifier({ issuer: full.issuer, audience: 'https://other.example' })(access_token),
      undefined,
    );
  });

  it('the keys are made once, and stay', async () => {
    const other = await startFull({ storage: full.storage, config: { issuer: full.issuer } });
    const keys = async ({ url }: RunningFull) => (await fetch(`${url}/jwks`)).json();
    const [one, two] = [await keys(full), await keys(other)];
    await other.stop();
    assert.deepEqual(one, two);
    assert.ok(!JSON.stringify(one).includes('"d"'), 'and only the public part is shown');
  });

  it('the API asks for the scope of each route', async () => {
    const { access_token } = await tokensFor('notes');
    const statuses = async (token: string) => [
      (await api(full.url, token)).status,
      (await api(full.url, token, '/api/notes')).status,
      (await api(full.url, token, '/api/notes', { method: 'POST' })).status,
    ];
    assert.deepEqual(await statuses(access_token), [403, 200, 403]);
    assert.deepEqual(await statuses('made-up'), [401, 401, 401]);
  });

  it('the API leads to its metadata, and that to the authorization server', async () => {
    const challenge = (await fetch(`${full.url}/api/me`)).headers.get('www-authenticate') ?? '';
    const [, where = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
    const document = (await (await fetch(where)).json()) as Record<string, unknown>;
    assert.deepEqual([document['resource'], document['authorization_servers']], [`${full.issuer}/api`, [full.issuer]]);
  });

  for (const [what, body] of [
    ['no text', '{}'],
    ['a text that is none', '{"text":{"$ne":1}}'],
    ['too long a text', JSON.stringify({ text: 'x'.repeat(1001) })],
    ['no JSON', '{'],
  ] as const) {
    it(`a note with ${what} is refused`, async () => {
      const { access_token } = await tokensFor('notes:write');
      const headers = { 'content-type': 'application/json' };
      assert.equal((await api(full.url, access_token, '/api/notes', { method: 'POST', body, headers })).status, 400);
    });
  }

  it('a robot has notes of its own, and no name', async () => {
    const { body } = await call(full.url, '/token', ROBOT, { grant_type: 'client_credentials' });
    const token = String(body['access_token']);
    const init = { method: 'POST', body: '{"text":"beep"}', headers: { 'content-type': 'application/json' } };
    assert.equal((await api(full.url, token, '/api/notes', init)).status, 201);
    const { access_token } = await tokensFor('notes');
    const notes = async (of: string) => JSON.stringify(await (await api(full.url, of, '/api/notes')).json());
    assert.match(await notes(token), /beep/);
    assert.doesNotMatch(await notes(access_token), /beep/);
    assert.equal((await api(full.url, token)).status, 403);
  });

  it('only an API is told of tokens of others', async () => {
    const { access_token: token } = await tokensFor('profile');
    assert.equal((await call(full.url, '/introspect', GREETINGS, { token })).body['active'], true);
    assert.deepEqual((await call(full.url, '/introspect', ROBOT, { token })).body, { active: false });
  });

  it('a token without a user is active for its own client and for an API', async () => {
    const { body } = await call(full.url, '/token', ROBOT, { grant_type: 'client_credentials' });
    for (const asks of [ROBOT, GREETINGS]) {
      const { body: found } = await call(full.url, '/introspect', asks, { token: String(body['access_token']) });
      assert.deepEqual([found['active'], found['client_id'], found['sub']], [true, 'robot', 'robot']);
    }
  });

  it('refresh tokens rotate, and a replayed code ends what came of it', async () => {
    const code = codeIn(await agent.open(request(full.url)));
    const tokens = await exchange(full.url, code);
    const fields = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    const refreshed = await call(full.url, '/token', DEMO, fields);
    assert.notEqual(refreshed.body['refresh_token'], tokens.refresh_token);
    await assert.rejects(exchange(full.url, code));
    assert.equal((await api(full.url, String(refreshed.body['access_token']))).status, 401);
  });

  describe('client authentication', () => {
    it('private_key_jwt: an assertion works once', async () => {
      const { publicKey, privateKey } = await generateKeyPair('ES256');
      await full.storage.collections.put('clients', 'bank', {
        client_id: 'bank',
        client_name: 'Bank',
        redirect_uris: [],
        grant_types: ['client_credentials'],
        scope: 'notes',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [await exportJWK(publicKey)] },
      });
      const client_assertion = await new SignJWT({ jti: 'once', iss: 'bank', sub: 'bank', aud: full.issuer })
        .setProtectedHeader({ alg: 'ES256' })
        .setExpirationTime('1m')
        .sign(privateKey);
      const fields = {
        grant_type: 'client_credentials',
        client_assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      };
      assert.equal((await call(full.url, '/token', { id: 'bank' }, fields)).status, 200);
      assert.equal((await call(full.url, '/token', { id: 'bank' }, fields)).body['error'], 'invalid_client');
    });

    it('a client with a secret may send it in the form only if it registered nothing else', async () => {
      const send = (id: string, client_secret: string) =>
        call(full.url, '/token', { id }, { grant_type: 'client_credentials', client_secret });
      assert.equal((await send(ROBOT.id, ROBOT.secret)).status, 200);
      assert.equal((await send(DEMO.id, DEMO.secret)).body['error'], 'invalid_client');
      assert.equal((await send(DEMO.id, '')).body['error'], 'invalid_client');
    });

    it('who guesses secrets is slowed down, and from elsewhere the client goes on', async () => {
      const own = await startFull({ config: { proxies: 1 } });
      const from = (address: string, secret: string) =>
        call(
          own.url,
          '/token',
          { ...ROBOT, secret },
          { grant_type: 'client_credentials' },
          { 'x-forwarded-for': address },
        );
      for (let i = 0; i < 10; i += 1) assert.equal((await from('192.0.2.1', 'guess')).status, 401);
      const limited = await from('192.0.2.1', ROBOT.secret);
      assert.equal(limited.status, 429);
      assert.ok(Number(limited.headers.get('retry-after')) > 0, 'and when to try again');
      assert.equal((await from('192.0.2.2', ROBOT.secret)).status, 200);
      await own.stop();
    });

    it('the right secret is never too often', async () => {
      for (let i = 0; i < 15; i += 1)
        assert.equal((await call(full.url, '/token', ROBOT, { grant_type: 'client_credentials' })).status, 200);
    });
  });

  describe('legacy grants', () => {
    const implicit = (server: RunningFull) =>
      request(server.url, { response_type: 'token', client_id: OLD.id, redirect_uri: 'http://127.0.0.1/callback' });
    const password = { grant_type: 'password', ...ALICE };

    it('are not there', async () => {
      const answer = await agent.open(implicit(full));
      assert.match(answer.location, /^http:\/\/127\.0\.0\.1\/callback\?error=unsupported_response_type&/);
      assert.equal((await call(full.url, '/token', OLD, password)).body['error'], 'unsupported_grant_type');
    });

    it('are there where they are allowed, for clients that registered them', async () => {
      const own = await startFull({ config: { legacy: 'allowed' } });
      const someone = new Agent(own.url);
      await someone.login(ALICE);
      const dialog = await someone.open(implicit(own));
      const answer = await someone.submit({ action: '/authorize/decision', fields: formFields(dialog.text) });
      assert.match(answer.location, /#.*access_token=/);
      const direct = await call(own.url, '/token', OLD, password);
      assert.deepEqual([direct.status, direct.body['scope']], [200, 'profile email']);
      assert.equal((await call(own.url, '/token', DEMO, password)).body['error'], 'unauthorized_client');
      const types: unknown = (await metadata(own))['response_types_supported'];
      assert.ok(
        Array.isArray(types) && types.length === 7 && types.includes('token') && types.includes('id_token token'),
      );
      await own.stop();
    });

    it('guessing passwords is as slow as at the login', async () => {
      const own = await startFull({ config: { legacy: 'allowed' } });
      const guess = (word: string) => call(own.url, '/token', OLD, { ...password, password: word });
      for (let i = 0; i < 10; i += 1) assert.equal((await guess(`${i}`)).body['error'], 'invalid_grant');
      const limited = await guess(ALICE.password);
      assert.deepEqual([limited.status, limited.headers.has('retry-after')], [429, true]);
      await own.stop();
    });
  });

  describe('CORS', () => {
    const OPEN = [
      '/token',
      '/revoke',
      '/jwks',
      '/.well-known/oauth-authorization-server',
      '/.well-known/oauth-protected-resource/api',
      '/api/me',
      '/api/notes',
    ];
    const CLOSED = [
      '/authorize',
      '/authorize/decision',
      '/login',
      '/logout',
      '/',
      '/connected',
      '/clients/new',
      '/introspect',
      '/health',
      '/demo',
      '/tokens',
      '/token/x',
    ];
    const headers = { origin: 'https://spa.example', 'access-control-request-headers': 'authorization' };
    const allowed = (response: Response) => response.headers.get('access-control-allow-origin');

    for (const path of OPEN) {
      it(`${path} may be called from any site, without cookies`, async () => {
        const method = path === '/token' || path === '/revoke' ? 'POST' : 'GET';
        const preflight = await fetch(full.url + path, {
          method: 'OPTIONS',
          headers: { ...headers, 'access-control-request-method': method },
        });
        assert.deepEqual([preflight.status, allowed(preflight)], [204, '*']);
        assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /authorization|\*/i);
        assert.match(preflight.headers.get('access-control-allow-methods') ?? '', new RegExp(method));
        const response = await fetch(full.url + path, { method, headers });
        assert.equal(allowed(response), '*', 'errors too');
        assert.equal(response.headers.get('access-control-allow-credentials'), null);
      });
    }
    it('a script can read the challenge', async () => {
      const { headers: told } = await fetch(`${full.url}/api/me`, { headers });
      assert.match(told.get('access-control-expose-headers') ?? '', /WWW-Authenticate/);
    });
    for (const path of CLOSED) {
      it(`${path} may not`, async () => {
        for (const method of ['GET', 'POST', 'OPTIONS']) {
          const sent = { ...headers, 'access-control-request-method': 'POST' };
          const response = await fetch(full.url + path, { method, headers: sent, redirect: 'manual' });
          assert.equal(allowed(response), null, method);
        }
      });
    }
  });
});

function formFields(html: string): URLSearchParams {
  const [, id = ''] = /name="transaction_id" value="([^"]+)"/.exec(html) ?? [];
  return new URLSearchParams({ transaction_id: id, scope: 'profile' });
}
