import assert from 'node:assert/strict';
import { browser, CALLBACK, VERIFIER } from '../../support/authorization-server.js';
import { basic, CONFIDENTIAL, clientAuthServer, client as clientOf, DOORS, PUBLIC } from '../../support/client-auth.js';
import { assertErrorHere, assertInvalidClient } from '../../support/form.js';

interface Row {
  readonly title: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string | readonly string[]>>;
  /** Status and error; nothing when the client gets in. */
  readonly refused?: readonly [status: number, error: string];
}

const INVALID_CLIENT = [401, 'invalid_client'] as const;
const INVALID_REQUEST = [400, 'invalid_request'] as const;

const clients = [
  CONFIDENTIAL,
  PUBLIC,
  clientOf('a b:c', { client_secret: 'x:y z' }),
  clientOf('odd+id', { client_secret: '50%+1' }),
  clientOf('c d', { client_secret: 's+t' }),
  clientOf('colons', { client_secret: 'a:b::c:' }),
  clientOf('umlaut', { client_secret: 'sch\u00f6n\u{1f511}' }),
  clientOf('no-secret'),
  clientOf('empty-secret', { client_secret: '' }),
  clientOf('basic-only', { client_secret: 's', token_endpoint_auth_method: 'client_secret_basic' }),
  clientOf('post-only', { client_secret: 's', token_endpoint_auth_method: 'client_secret_post' }),
  clientOf('jwt-only', { client_secret: 's', token_endpoint_auth_method: 'private_key_jwt' }),
  clientOf('public-with-secret', { client_secret: 's', token_endpoint_auth_method: 'none' }),
];

const rows: readonly (readonly [clause: string, rows: readonly Row[]])[] = [
  [
    '§2.3.1 client_secret_basic',
    [
      { title: 'ID and secret', headers: basic('client', 'a secret') },
      {
        title: 'scheme in capitals',
        headers: { Authorization: basic('client', 'a secret').Authorization.replace('Basic', 'BASIC') },
      },
      { title: 'form-encoded ID and secret', headers: basic('a+b%3Ac', 'x%3Ay+z') },
      { title: 'form-encoded with %20', headers: basic('a%20b%3Ac', 'x%3Ay%20z') },
      { title: 'raw ID and secret that mean something else decoded', headers: basic('odd+id', '50%+1') },
      { title: 'secret with raw colons', headers: basic('colons', 'a:b::c:') },
      { title: 'secret with encoded colons', headers: basic('colons', 'a%3Ab%3A%3Ac%3A') },
      { title: 'secret in UTF-8', headers: basic('umlaut', 'sch\u00f6n\u{1f511}') },
      { title: 'secret in UTF-8, form-encoded', headers: basic('umlaut', encodeURIComponent('sch\u00f6n\u{1f511}')) },
      {
        title: 'the same client_id in the form',
        headers: basic('client', 'a secret'),
        params: { client_id: 'client' },
      },
      {
        title: 'an empty client_secret in the form',
        headers: basic('client', 'a secret'),
        params: { client_secret: '' },
      },
      { title: 'wrong secret', headers: basic('client', 'another'), refused: INVALID_CLIENT },
      { title: 'secret cut at its first colon', headers: basic('colons', 'a'), refused: INVALID_CLIENT },
      { title: 'longer secret', headers: basic('client', 'a secret '), refused: INVALID_CLIENT },
      { title: 'empty secret', headers: basic('client', ''), refused: INVALID_CLIENT },
      { title: 'unknown client', headers: basic('nobody', 'a secret'), refused: INVALID_CLIENT },
      { title: 'name of a member of every object', headers: basic('__proto__', 'a secret'), refused: INVALID_CLIENT },
      { title: 'client without a secret', headers: basic('no-secret', 'undefined'), refused: INVALID_CLIENT },
      { title: 'client without a secret, and none sent', headers: basic('no-secret', ''), refused: INVALID_CLIENT },
      { title: 'client with an empty secret', headers: basic('empty-secret', ''), refused: INVALID_CLIENT },
      { title: 'ID in other letters', headers: basic('CLIENT', 'a secret'), refused: INVALID_CLIENT },
      { title: 'ID encoded, secret raw', headers: basic('a+b%3Ac', 'x:y z') },
      {
        title: 'another client_id in the form',
        headers: basic('client', 'a secret'),
        params: { client_id: 'public' },
        refused: INVALID_CLIENT,
      },
      {
        title: 'ID decoded and secret raw, which no client means',
        headers: basic('c+d', 's+t'),
        refused: INVALID_CLIENT,
      },
      { title: 'no credentials', headers: { Authorization: 'Basic' }, refused: INVALID_CLIENT },
      { title: 'credentials that are no base64', headers: { Authorization: 'Basic {}' }, refused: INVALID_CLIENT },
      { title: 'no colon', headers: { Authorization: `Basic ${btoa('client')}` }, refused: INVALID_CLIENT },
      { title: 'no ID', headers: basic('', 'a secret'), refused: INVALID_CLIENT },
      {
        title: 'credentials that are no UTF-8',
        headers: { Authorization: `Basic ${btoa('client:\u00ff')}` },
        refused: INVALID_CLIENT,
      },
      { title: 'a control character', headers: basic('client', 'a secret\u0000'), refused: INVALID_CLIENT },
      { title: 'a NUL when decoded', headers: basic('client%00', 'a secret'), refused: INVALID_CLIENT },
      {
        title: 'two of them',
        headers: { Authorization: `${basic('client', 'a secret').Authorization}, Basic x` },
        refused: INVALID_CLIENT,
      },
      {
        title: 'malformed, and a public client_id in the form',
        headers: { Authorization: 'Basic {}' },
        params: { client_id: 'public' },
        refused: INVALID_CLIENT,
      },
      {
        title: 'a scheme that only ends in Basic',
        headers: { Authorization: `X${basic('client', 'a secret').Authorization}` },
        refused: INVALID_CLIENT,
      },
      { title: 'another scheme', headers: { Authorization: 'Digest username="client"' }, refused: INVALID_CLIENT },
    ],
  ],
  [
    '§2.3.1 client_secret_post',
    [
      { title: 'ID and secret', params: { client_id: 'client', client_secret: 'a secret' } },
      { title: 'secret with colons and signs', params: { client_id: 'a b:c', client_secret: 'x:y z' } },
      { title: 'wrong secret', params: { client_id: 'client', client_secret: 'another' }, refused: INVALID_CLIENT },
      { title: 'no ID', params: { client_secret: 'a secret' }, refused: INVALID_CLIENT },
      { title: 'no secret', params: { client_id: 'client' }, refused: INVALID_CLIENT },
      { title: 'empty secret', params: { client_id: 'client', client_secret: '' }, refused: INVALID_CLIENT },
      {
        title: 'repeated ID',
        params: { client_id: ['client', 'client'], client_secret: 'a secret' },
        refused: INVALID_REQUEST,
      },
      {
        title: 'repeated secret',
        params: { client_id: 'client', client_secret: ['a secret', 'a secret'] },
        refused: INVALID_REQUEST,
      },
      {
        title: 'an object for a secret',
        params: { client_id: 'client', 'client_secret[$ne]': 'x' },
        refused: INVALID_CLIENT,
      },
    ],
  ],
  [
    '§2.3 one method',
    [
      {
        title: 'Basic and client_secret',
        headers: basic('client', 'a secret'),
        params: { client_id: 'client', client_secret: 'a secret' },
        refused: INVALID_REQUEST,
      },
      {
        title: 'Basic and client_assertion',
        headers: basic('client', 'a secret'),
        params: { client_assertion: 'x' },
        refused: INVALID_REQUEST,
      },
      {
        title: 'client_secret and client_assertion',
        params: { client_id: 'client', client_secret: 'a secret', client_assertion: 'x' },
        refused: INVALID_REQUEST,
      },
      {
        title: 'malformed Basic and client_secret',
        headers: { Authorization: 'Basic {}' },
        params: { client_id: 'client', client_secret: 'a secret' },
        refused: INVALID_REQUEST,
      },
      {
        title: 'client_assertion, where no method takes it',
        params: { client_id: 'client', client_assertion: 'x' },
        refused: INVALID_CLIENT,
      },
      {
        title: 'client_assertion and a public client',
        params: { client_id: 'public', client_assertion: 'x' },
        refused: INVALID_CLIENT,
      },
      { title: 'nothing', refused: INVALID_CLIENT },
    ],
  ],
  [
    'RFC 7591 §2 the registered method and no other',
    [
      { title: 'Basic by whom it is for', headers: basic('basic-only', 's') },
      {
        title: 'post by whom Basic is for',
        params: { client_id: 'basic-only', client_secret: 's' },
        refused: INVALID_CLIENT,
      },
      { title: 'post by whom it is for', params: { client_id: 'post-only', client_secret: 's' } },
      { title: 'Basic by whom post is for', headers: basic('post-only', 's'), refused: INVALID_CLIENT },
      { title: 'Basic by whom an assertion is for', headers: basic('jwt-only', 's'), refused: INVALID_CLIENT },
      { title: 'no proof by whom an assertion is for', params: { client_id: 'jwt-only' }, refused: INVALID_CLIENT },
      { title: 'Basic by a public client', headers: basic('public-with-secret', 's'), refused: INVALID_CLIENT },
      {
        title: 'no proof by whom no method is registered for',
        params: { client_id: 'no-secret' },
        refused: INVALID_CLIENT,
      },
    ],
  ],
];

for (const door of DOORS) {
  describe(`RFC 6749 §2.3 client authentication by ${door}`, () => {
    for (const [clause, table] of rows) {
      for (const { title, headers = {}, params = {}, refused } of table) {
        it(`${clause}: ${title}: ${refused?.join(' ') ?? 'gets in'}`, async () => {
          const { token, issued, errors } = clientAuthServer({ door, clients });
          const form = new URLSearchParams();
          for (const [name, value] of Object.entries({ grant_type: 'client_credentials', ...params }))
            for (const one of [value].flat()) form.append(name, one);
          const response = await token().set(headers).send(form.toString());
          if (!refused) {
            assert.deepEqual([response.status, issued.length], [200, 1], response.text);
            return;
          }
          const tried = 'Authorization' in headers; // RFC 6749 §5.2: 401 is a MUST for the header only
          assertErrorHere(response, refused === INVALID_CLIENT && !tried ? 400 : refused[0], refused[1]);
          assert.equal(issued.length, 0);
          const [scheme] = /^\w*/.exec(headers['Authorization'] ?? '') ?? [];
          const challenge = `${scheme} realm="OAuth"${scheme?.toLowerCase() === 'basic' ? ', charset="UTF-8"' : ''}`;
          const isChallenged = refused === INVALID_CLIENT && tried;
          assert.equal(
            response.headers['www-authenticate']?.toLowerCase(),
            isChallenged ? challenge.toLowerCase() : undefined,
          );
          assert.equal(errors.length, 1, 'the operator is told');
        });
      }
    }

    it('§5.2 a secret that was sent as the whole header is not repeated in the challenge', async () => {
      const { token } = clientAuthServer({ door, clients });
      const { status, headers } = await token({}, { Authorization: 'a-secret-without-its-scheme' });
      assert.deepEqual([status, headers['www-authenticate']], [401, 'Basic realm="OAuth", charset="UTF-8"']);
    });

    it('§5.2 whatever was wrong, the client is told the same', async () => {
      const { token } = clientAuthServer({ door, clients });
      const answers = [
        basic('client', 'wrong'),
        basic('nobody', 'wrong'),
        basic('post-only', 's'),
        { Authorization: 'Basic' },
      ];
      const bodies = await Promise.all(answers.map(async (headers) => (await token({}, headers)).text));
      assert.deepEqual(
        [...new Set(bodies)],
        ['{"error":"invalid_client","error_description":"Client authentication failed"}'],
      );
    });

    it('§2.3 the client is whom it proved to be, and the callback is told how', async () => {
      const { token, issued } = clientAuthServer({ door, clients });
      await token({}, basic('client', 'a secret')).expect(200, { access_token: "client's", token_type: 'Bearer' });
      await token({ client_id: 'client', client_secret: 'a secret' }).expect(200);
      assert.deepEqual(issued, [
        { client: 'client', authInfo: { method: 'client_secret_basic' } },
        { client: 'client', authInfo: { method: 'client_secret_post' } },
      ]);
    });

    it('§2.1 §3.2.1 a public client sends its client_id, and needs PKCE for its code', async () => {
      const { app, post } = clientAuthServer({ door, clients });
      const { allow } = browser(app);
      const exchangeIt = async (more: object) => {
        const { code } = await allow({ client_id: 'public' });
        return post('/token', { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...more });
      };
      const good = { client_id: 'public', code_verifier: VERIFIER };
      assert.equal((await exchangeIt(good)).body.access_token, "public's");
      assertErrorHere(await exchangeIt({ client_id: 'public' }), 400, 'invalid_grant');
      assertErrorHere(await exchangeIt({ ...good, code_verifier: 'x'.repeat(43) }), 400, 'invalid_grant');
      assertInvalidClient(await exchangeIt({ code_verifier: VERIFIER }));
      assertInvalidClient(await exchangeIt({ ...good, client_id: 'client' }));
    });

    it('§4.4 a public client has no client credentials', async () => {
      const { token, issued } = clientAuthServer({ door, clients });
      assertErrorHere(await token({ client_id: 'public' }), 400, 'unauthorized_client');
      assert.equal(issued.length, 0);
    });

    it('RFC 7662 §2.1, RFC 7009 §2.1 the same client at introspection and revocation', async () => {
      const { post } = clientAuthServer({ door, clients });
      for (const path of ['/introspect', '/revoke']) {
        await post(path, { token: "client's" }).set(basic('client', 'a secret')).expect(200);
        assertInvalidClient(await post(path, { token: "client's" }).set(basic('client', 'wrong')));
        assertInvalidClient(await post(path, { token: "client's" }));
      }
      const { body } = await post('/introspect', { token: "client's" }).set(basic('colons', 'a:b::c:'));
      assert.deepEqual(body, { active: false }, 'it is another client');
    });

    it('RFC 8414 §2 the metadata lists the methods, for the endpoints that there are', async () => {
      const { app } = clientAuthServer({ door });
      const { default: request } = await import('supertest');
      const { body } = await request(app.callback()).get('/.well-known/oauth-authorization-server').expect(200);
      const methods = ['client_secret_basic', 'client_secret_post', 'none'];
      assert.deepEqual(body.token_endpoint_auth_methods_supported, methods);
      const secrets = ['client_secret_basic', 'client_secret_post'];
      assert.deepEqual(body.introspection_endpoint_auth_methods_supported, secrets, 'RFC 7662 §2.1');
      assert.deepEqual(body.revocation_endpoint_auth_methods_supported, methods);
      assert.equal('token_endpoint_auth_signing_alg_values_supported' in body, false);
    });
  });
}
