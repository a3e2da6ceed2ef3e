/** RFC 6749 §3.2, §4.3, §4.4, §5: what the token endpoint takes, from whom, and how it answers. */
import assert from 'node:assert/strict';
import type Koa from 'koa';
import type { Middleware } from 'koa';
import { exchange, introspection, setAuthenticatedClient, TokenError } from 'koauthorize';
import request from 'supertest';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  exchangeCode,
  type Params,
  plugAll,
  type Setup,
  tokenRequest,
  VERIFIER,
} from '../../support/authorization-server.js';
import { BODY_PARSERS } from '../../support/body-parsers.js';
import { assertErrorHere, assertInvalidClient, assertNoStore, encode, postChunks } from '../../support/form.js';

type Plug = NonNullable<Setup['plug']>;

/** Counts what reaches the callbacks; nothing that is refused for its form may. */
function counting() {
  const calls: unknown[] = [];
  const called =
    (result: string | false) =>
    (...args: unknown[]) => {
      calls.push(args);
      return result;
    };
  const plug: Plug = (server) => {
    server
      .exchange(exchange.code<App>(called('token')))
      .exchange(exchange.refreshToken<App>(called('token')))
      .exchange(exchange.password<App>(called('token')))
      .exchange(exchange.clientCredentials<App>(called('token')));
  };
  return { calls, plug };
}

/** A token request of just this body. */
const post = (app: Koa, body: string, type = 'application/x-www-form-urlencoded') =>
  request(app.callback())
    .post('/token')
    .auth(CLIENT.client_id, `${CLIENT.client_id}-secret`)
    .set('Content-Type', type)
    .serialize(String)
    .send(body);

const CODE: Params = { grant_type: 'authorization_code', code: 'a code', redirect_uri: CALLBACK };
const REFRESH: Params = { grant_type: 'refresh_token', refresh_token: 'a token' };
const PASSWORD: Params = { grant_type: 'password', username: 'alice', password: 'secret' };
const OWN: Params = { grant_type: 'client_credentials' };

interface Row {
  readonly clause: string;
  readonly title: string;
  readonly params: Params;
  readonly error?: string;
}

const UNKNOWN_TYPES = [
  'foo',
  'AUTHORIZATION_CODE',
  'authorization_code ',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  '*',
];
const REFUSED: readonly Row[] = [
  { clause: '§3.2', title: 'no parameter at all', params: { grant_type: undefined } },
  { clause: '§4.1.3', title: 'no grant_type', params: { ...CODE, grant_type: undefined } },
  { clause: '§3.2', title: 'an empty grant_type', params: { ...CODE, grant_type: '' } },
  {
    clause: '§3.2',
    title: 'a repeated grant_type',
    params: { ...CODE, grant_type: ['authorization_code', 'refresh_token'] },
  },
  {
    clause: '§3.2',
    title: 'a grant_type given twice with one value',
    params: { ...CODE, grant_type: ['authorization_code', 'authorization_code'] },
  },
  { clause: '§3.2', title: 'a nested grant_type', params: { ...CODE, grant_type: undefined, 'grant_type[$ne]': 'x' } },
  ...[...UNKNOWN_TYPES, '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'caf\u00e9'].map(
    (type): Row => ({
      clause: '§5.2',
      title: `grant_type "${type}"`,
      params: { ...CODE, grant_type: type },
      error: 'unsupported_grant_type',
    }),
  ),
  { clause: '§4.1.3', title: 'no code', params: { ...CODE, code: undefined } },
  { clause: '§3.2', title: 'an empty code', params: { ...CODE, code: '' } },
  { clause: '§3.2', title: 'a repeated code', params: { ...CODE, code: ['a', 'b'] } },
  { clause: '§3.2', title: 'code[$ne]', params: { ...CODE, code: undefined, 'code[$ne]': 'x' } },
  { clause: '§3.2', title: 'code[]', params: { ...CODE, code: undefined, 'code[]': 'x' } },
  { clause: '§3.2', title: 'code[0]', params: { ...CODE, code: undefined, 'code[0]': 'x' } },
  { clause: '§3.2', title: 'a repeated redirect_uri', params: { ...CODE, redirect_uri: [CALLBACK, CALLBACK] } },
  { clause: '§3.2', title: 'a repeated client_id', params: { ...CODE, client_id: ['client', 'other'] } },
  { clause: '§6', title: 'no refresh_token', params: { ...REFRESH, refresh_token: undefined } },
  { clause: '§3.2', title: 'an empty refresh_token', params: { ...REFRESH, refresh_token: '' } },
  { clause: '§3.2', title: 'a repeated refresh_token', params: { ...REFRESH, refresh_token: ['a', 'b'] } },
  {
    clause: '§3.2',
    title: 'refresh_token[$gt]',
    params: { ...REFRESH, refresh_token: undefined, 'refresh_token[$gt]': '' },
  },
  { clause: '§3.2', title: 'a repeated scope', params: { ...REFRESH, scope: ['a', 'b'] } },
  {
    clause: '§5.2',
    title: 'a malformed scope of a refresh',
    params: { ...REFRESH, scope: 'a"b' },
    error: 'invalid_scope',
  },
  {
    clause: '§5.2',
    title: 'a malformed scope of client credentials',
    params: { ...OWN, scope: 'caf\u00e9' },
    error: 'invalid_scope',
  },
  {
    clause: '§5.2',
    title: 'a malformed scope of a password',
    params: { ...PASSWORD, scope: 'a\\b' },
    error: 'invalid_scope',
  },
  { clause: '§4.3.2', title: 'no username', params: { ...PASSWORD, username: undefined } },
  { clause: '§4.3.2', title: 'no password', params: { ...PASSWORD, password: undefined } },
  { clause: '§3.2', title: 'a repeated password', params: { ...PASSWORD, password: ['a', 'b'] } },
  { clause: '§3.2', title: 'password[$ne]', params: { ...PASSWORD, password: undefined, 'password[$ne]': '' } },
];

for (const { name, before } of BODY_PARSERS) {
  describe(`RFC 6749 token request, ${name}`, () => {
    const setup = before ? { before } : {};
    for (const { clause, title, params, error = 'invalid_request' } of REFUSED) {
      it(`${clause} ${title} is ${error} and reaches no callback`, async () => {
        const { calls, plug } = counting();
        const { app } = authorizationServer({ ...setup, plug });
        assertErrorHere(await post(app, encode(params)), 400, error);
        assert.deepEqual(calls, []);
      });
    }

    it('§3.2 a parameter that nobody reads is ignored when it is repeated, and reaches no callback', async () => {
      const { calls, plug } = counting();
      const { app } = authorizationServer({ ...setup, plug });
      const { status } = await post(app, encode({ ...CODE, foo: ['a', 'b'] }));
      assert.deepEqual([status, calls.length], [200, 1]);
      assert.doesNotMatch(JSON.stringify(calls), /foo/);
    });

    for (const params of [CODE, REFRESH, PASSWORD, OWN]) {
      it(`§5.1 ${params['grant_type']} is answered with JSON that is not to be stored`, async () => {
        const { calls, plug } = counting();
        const { app } = authorizationServer({ ...setup, plug });
        const response = await post(app, encode({ ...params, foo: 'ignored', scope: '' }));
        assert.equal(response.status, 200, response.text);
        assert.deepEqual(response.body, { access_token: 'token', token_type: 'Bearer' });
        assert.match(response.headers['content-type'] ?? '', /^application\/json/);
        assertNoStore(response);
        assert.equal(calls.length, 1);
      });
    }

    it('appendix B values arrive as they were encoded', async () => {
      const { calls, plug } = counting();
      const { app } = authorizationServer({ ...setup, plug });
      const password = ' a+b%2B&=;:"\\\u00e9\u65e5\u{1f600} ';
      await post(app, encode({ ...PASSWORD, password }));
      assert.equal((calls[0] as unknown[])[2], password);
    });

    it('§3.2 __proto__ is a parameter like any other', async () => {
      const { calls, plug } = counting();
      const { app } = authorizationServer({ ...setup, plug });
      const { status } = await post(app, `${encode(OWN)}&__proto__=x&constructor=y`);
      assert.equal(status, 200);
      const body = (calls[0] as unknown[])[2] as object;
      assert.equal(Object.getPrototypeOf(body), null);
      assert.equal(({} as { x?: unknown }).x, undefined);
    });

    const TYPES: readonly (readonly [type: string, body: string])[] = [
      ['application/json', JSON.stringify(OWN)],
      ['application/json', JSON.stringify({ grant_type: 'authorization_code', code: { $ne: 'x' } })],
      ['text/plain', encode(OWN)],
      ['application/x-www-form-urlencoded-not', encode(OWN)],
      [
        'multipart/form-data; boundary=x',
        '--x\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nclient_credentials\r\n--x--\r\n',
      ],
      ['application/xml', '<grant_type>client_credentials</grant_type>'],
    ];
    for (const [type, body] of TYPES) {
      it(`§4.1.3 a body of ${type} (${body.slice(0, 24)}) is refused`, async () => {
        const { calls, plug } = counting();
        const { app } = authorizationServer({ ...setup, plug });
        const response = await post(app, body, type);
        assertErrorHere(response, 400, 'invalid_request');
        assert.deepEqual(calls, []);
      });
    }

    for (const type of [
      'application/x-www-form-urlencoded; charset=UTF-8',
      'Application/X-WWW-Form-Urlencoded;charset=utf-8',
    ]) {
      it(`§4.1.3 ${type} is taken`, async () => {
        const { app } = authorizationServer({ ...setup, plug: counting().plug });
        const { status } = await post(app, encode(OWN), type);
        assert.equal(status, 200);
      });
    }

    it('§2.3.1 §3.2 parameters in the URL are ignored', async () => {
      const { calls, plug } = counting();
      const { app } = authorizationServer({ ...setup, plug });
      for (const body of ['', 'foo=bar']) {
        assertErrorHere(await post(app, body).query(encode(OWN)), 400, 'invalid_request');
      }
      assert.deepEqual(calls, []);
    });
  });
}

describe('RFC 6749 token request', () => {
  for (const method of ['get', 'put', 'patch', 'delete', 'options'] as const) {
    it(`§3.2 ${method.toUpperCase()} is 405, and says what is allowed`, async () => {
      const { calls, plug } = counting();
      const { app } = authorizationServer({
        plug,
        routes: (router, server) => router.all('/everything', ...withClient, server.token()),
      });
      const response = await request(app.callback())
        [method]('/everything')
        .query(encode(OWN))
        .type('form')
        .send(encode(OWN));
      assertErrorHere(response, 405, 'invalid_request');
      assert.equal(response.headers['allow'], 'POST');
      assert.deepEqual(calls, []);
    });
  }
  const withClient: Middleware[] = [
    async (ctx, next) => {
      ctx.state['user'] = CLIENT;
      await next();
    },
  ];

  it('a body of 64 KiB is read', async () => {
    const { app } = authorizationServer({ plug: counting().plug });
    const start = encode({ ...OWN, foo: '' });
    const { status } = await post(app, start + 'x'.repeat(65536 - start.length));
    assert.equal(status, 200);
  });

  it('a body of more than 64 KiB is 413 and reaches no callback', async () => {
    const { calls, plug } = counting();
    const { app } = authorizationServer({ plug });
    const start = encode({ ...OWN, foo: '' });
    assertErrorHere(await post(app, start + 'x'.repeat(65537 - start.length)), 413, 'invalid_request');
    assert.deepEqual(calls, []);
  });

  it('a body of more than 64 KiB without Content-Length gets 413 and reaches no callback', async () => {
    const { calls, plug } = counting();
    const { app } = authorizationServer({ plug });
    const chunks = [`${encode(OWN)}&foo=`, ...Array.from({ length: 65 }, () => 'x'.repeat(1024))];
    const { status, body } = await postChunks(app, chunks);
    assert.deepEqual([status, JSON.parse(body).error], [413, 'invalid_request']);
    assert.deepEqual(calls, []);
  });

  it('a body in chunks that cut characters in two is read', async () => {
    const { calls, plug } = counting();
    const { app } = authorizationServer({ plug });
    const bytes = Buffer.from('grant_type=password&username=alice&password=\u{1f600}');
    const { status } = await postChunks(
      app,
      Array.from(bytes, (byte) => Buffer.of(byte)),
    );
    assert.equal(status, 200);
    assert.equal((calls[0] as unknown[])[2], '\u{1f600}');
  });
});

describe('RFC 6749 §5.2 errors of the token endpoint', () => {
  const thrown = new Error('a secret');
  const THROWN: readonly { title: string; error: Error; status: number; body: object }[] = [
    { title: 'an error of the application', error: thrown, status: 500, body: { error: 'server_error' } },
    {
      title: 'an error with status 503',
      error: Object.assign(new Error('a secret'), { status: 503 }),
      status: 503,
      body: { error: 'temporarily_unavailable' },
    },
    {
      title: 'an error with status 200',
      error: Object.assign(new Error('a secret'), { status: 200 }),
      status: 500,
      body: { error: 'server_error' },
    },
    {
      title: 'an error with a message for no one and status 400',
      error: Object.assign(new Error('a secret'), { status: 400 }),
      status: 400,
      body: { error: 'invalid_request' },
    },
    { title: 'a TypeError', error: new TypeError('a secret'), status: 500, body: { error: 'server_error' } },
    ...['invalid_request', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope'].map(
      (code) => ({
        title: `TokenError ${code}`,
        error: new TokenError('A word', code),
        status: 400,
        body: { error: code, error_description: 'A word' },
      }),
    ),
    {
      title: 'TokenError invalid_client',
      error: new TokenError('A word', 'invalid_client'),
      status: 401,
      body: { error: 'invalid_client', error_description: 'A word' },
    },
    {
      title: 'a TokenError with a page',
      error: new TokenError('A word', 'invalid_grant', 'https://as.example/help'),
      status: 400,
      body: { error: 'invalid_grant', error_description: 'A word', error_uri: 'https://as.example/help' },
    },
    {
      title: 'a TokenError with a cause',
      error: new TokenError('A word', 'invalid_grant', undefined, undefined, { cause: thrown }),
      status: 400,
      body: { error: 'invalid_grant', error_description: 'A word' },
    },
    {
      title: 'a description of forbidden characters',
      error: new TokenError('"a"\\\n\u00e9', 'invalid_grant'),
      status: 400,
      body: { error: 'invalid_grant', error_description: '?a????' },
    },
  ];
  for (const { title, error, status, body } of THROWN) {
    it(`§5.2 ${title} is ${status} ${JSON.stringify(body)}; the operator gets it as it was thrown`, async () => {
      const { app, errors } = authorizationServer({
        plug: (server) =>
          server.exchange(
            exchange.clientCredentials(() => {
              throw error;
            }),
          ),
      });
      const response = await tokenRequest(app, OWN);
      assertErrorHere(response, status, (body as { error: string }).error);
      assert.deepEqual(response.body, body);
      assert.equal(response.text.includes('secret'), false);
      assert.deepEqual(errors, [error]);
    });
  }

  it('§5.2 what was sent is not sent back at length', async () => {
    const { app } = authorizationServer();
    const { body } = await tokenRequest(app, { grant_type: 'x'.repeat(10_000) });
    assert.equal(body.error, 'unsupported_grant_type');
    assert.ok(body.error_description.length <= 256);
  });

  for (const value of ['text', null, undefined, 0, { status: 200, message: 'a secret', expose: true }]) {
    it(`§5.2 ${JSON.stringify(value)}, thrown, is server_error`, async () => {
      const { app, errors } = authorizationServer({
        plug: (server) => server.exchange(exchange.clientCredentials(() => Promise.reject(value))),
      });
      assertErrorHere(await tokenRequest(app, OWN), 500, 'server_error');
      assert.equal(errors.length, 1);
    });
  }

  for (const result of [false, null, undefined, '', [false], ['', 'refresh']] as const) {
    it(`§5.2 a callback that gives ${JSON.stringify(result)} is invalid_grant`, async () => {
      const { app } = authorizationServer({
        plug: (server) => {
          server.exchange(exchange.code(() => result)).exchange(exchange.refreshToken(() => result));
          server.exchange(exchange.password(() => result)).exchange(exchange.clientCredentials(() => result));
        },
      });
      it('§3.2 a parameter that nobody reads is ignored when it is repeated, and reaches no callback', async () => {
        const { calls, plug } = counting();
        const { app } = authorizationServer({ ...setup, plug });
        const { status } = await post(app, encode({ ...CODE, foo: ['a', 'b'] }));
        assert.deepEqual([status, calls.length], [200, 1]);
        assert.doesNotMatch(JSON.stringify(calls), /foo/);
      });

      for (const params of [CODE, REFRESH, PASSWORD, OWN]) {
        assertErrorHere(await tokenRequest(app, params), 400, 'invalid_grant');
      }
    });
  }

  it('§5.2 a callback that gives what is no token is the operator’s business', async () => {
    const { app, errors } = authorizationServer({
      plug: (server) => server.exchange(exchange.clientCredentials(() => [{} as string])),
    });
    assertErrorHere(await tokenRequest(app, OWN), 500, 'server_error');
    assert.equal(errors[0]?.name, 'TypeError');
  });
});

describe('RFC 6749 §5.1 successful responses', () => {
  it('§5.1 further members are sent verbatim, token_type as the application says', async () => {
    const { app } = authorizationServer({
      plug: (server) =>
        server.exchange(
          exchange.clientCredentials(() => ['a', 'r', { token_type: 'DPoP', expires_in: 60, more: { x: [1] } }]),
        ),
    });
    assert.deepEqual((await tokenRequest(app, OWN)).body, {
      access_token: 'a',
      refresh_token: 'r',
      token_type: 'DPoP',
      expires_in: 60,
      more: { x: [1] },
    });
  });

  it('§5.1 the scope is told when it is not the one asked for', async () => {
    const { app } = authorizationServer({ decision: (server) => server.decision(() => ({ scope: ['read'] })) });
    const { code } = await browser(app).allow();
    assert.equal((await exchangeCode(app, code)).body.scope, 'read');
  });

  it('§6 no refresh token is sent that was not issued: the old one is not echoed', async () => {
    const { app } = authorizationServer({ plug: counting().plug });
    const { body } = await tokenRequest(app, REFRESH);
    assert.deepEqual(body, { access_token: 'token', token_type: 'Bearer' });
  });
});

describe('RFC 6749 §3.2.1 client authentication', () => {
  const good = (id: string) => ({ Authorization: `Basic ${Buffer.from(`${id}:${id}-secret`).toString('base64')}` });
  const attempt = (app: Koa, headers: Record<string, string>, params: Params) =>
    request(app.callback()).post('/token').set(headers).type('form').send(encode(params));

  interface Attempt {
    readonly title: string;
    readonly headers?: Record<string, string>;
    readonly params?: Params;
  }
  const FAILED: readonly Attempt[] = [
    { title: 'no credentials' },
    { title: 'client_id alone', params: { client_id: 'client' } },
    { title: 'a wrong secret', headers: { Authorization: `Basic ${Buffer.from('client:wrong').toString('base64')}` } },
    { title: 'an unknown client', headers: good('nobody') },
    { title: 'an empty Basic', headers: { Authorization: 'Basic' } },
    { title: 'a Basic of something else', headers: { Authorization: 'Basic !!!' } },
    { title: 'a Bearer token', headers: { Authorization: 'Bearer abc' } },
    { title: 'the user of Basic and another client_id', headers: good('client'), params: { client_id: 'other' } },
    {
      title: 'the user of Basic and a client_id in other case',
      headers: good('client'),
      params: { client_id: 'CLIENT' },
    },
  ];
  for (const { title, headers = {}, params = {} } of FAILED) {
    it(`§5.2 ${title}: invalid_client, with a challenge if the request has an Authorization header`, async () => {
      const { calls, plug } = counting();
      const { app } = authorizationServer({ plug });
      const response = await attempt(app, headers, { ...OWN, ...params });
      assertInvalidClient(response);
      assert.deepEqual(calls, []);
    });
  }

  it('§2.3.1 the user of Basic may be repeated as client_id', async () => {
    const { app } = authorizationServer({ plug: counting().plug });
    assert.equal((await attempt(app, good('client'), { ...OWN, client_id: 'client' })).status, 200);
  });

  it('§5.2 a challenge that client authentication set stays', async () => {
    const { app } = authorizationServer({
      before: async (ctx, next) => {
        ctx.set('WWW-Authenticate', 'Bearer realm="mine"');
        await next();
      },
    });
    const response = await attempt(app, { Authorization: 'Bearer abc' }, OWN);
    assertInvalidClient(response);
    assert.equal(response.headers['www-authenticate'], 'Bearer realm="mine"');
  });

  it('§5.2 passport’s AuthenticationError is invalid_client', async () => {
    const failure = Object.assign(new Error('Unauthorized'), { name: 'AuthenticationError', status: 401 });
    const { app } = authorizationServer({
      routes: (router, server) =>
        router.post(
          '/passport',
          () => {
            throw failure;
          },
          server.token(),
        ),
    });
    const response = await request(app.callback()).post('/passport').type('form').send(OWN);
    assertInvalidClient(response);
  });

  it('§5.2 no code is spent by who is not authenticated', async () => {
    const { app } = authorizationServer();
    const { code } = await browser(app).allow();
    const params = { ...CODE, code, code_verifier: VERIFIER };
    assertInvalidClient(await attempt(app, {}, params));
    assert.equal((await exchangeCode(app, code)).status, 200);
  });
});

describe('RFC 6749 §3.2.1 a logged-in end user is never taken for a client', () => {
  const alice = { id: 'alice', name: 'Alice' };
  /** As passport does it: from the session, on every request. */
  const fromPassport: Middleware = async (ctx, next) => {
    Object.assign(ctx['session'] ?? {}, { passport: { user: 'alice' } });
    ctx.state['user'] = alice;
    await next();
  };
  /** As an application does it by itself. */
  const byHand: Middleware = async (ctx, next) => {
    ctx.state['user'] = alice;
    await next();
  };
  const clientWithName: Middleware = async (ctx, next) => {
    Object.assign(ctx['session'] ?? {}, { passport: { user: 'client' } });
    ctx.state['user'] = CLIENT; // a user object that looks just like a client
    await next();
  };
  const LOGINS: readonly (readonly [how: string, login: Middleware])[] = [
    ['by passport', fromPassport],
    ['by hand', byHand],
    ['by passport, as a user who looks like a client', clientWithName],
  ];
  const ATTEMPTS: readonly Params[] = [
    {},
    { client_id: 'client' },
    { client_id: 'alice' },
    { client_id: 'client', client_secret: 'guess' },
    { client_assertion: 'x', client_id: 'client' },
  ];
  for (const [how, login] of LOGINS) {
    for (const params of ATTEMPTS) {
      it(`§3.2.1 logged in ${how}, with ${encode(params) || 'nothing'}: invalid_client`, async () => {
        const calls: unknown[] = [];
        const { app } = authorizationServer({
          plug: (server) =>
            server.exchange(exchange.clientCredentials((...args) => (calls.push(args) ? 'token' : false))),
          routes: (router, server) => router.post('/confused', login, server.token()),
        });
        const response = await request(app.callback())
          .post('/confused')
          .type('form')
          .send(encode({ ...OWN, ...params }));
        assertInvalidClient(response);
        assert.deepEqual(calls, []);
      });
    }
  }

  const NAMES: readonly (readonly [clientID: string, user: string, status: number])[] = [
    ['client', 'client', 200],
    ['client', 'other', 401],
    ['client', 'CLIENT', 401],
    ['client', '', 401],
    ['a b:c&d', 'a+b%3Ac%26d', 200],
    ['a+b', 'a%2Bb', 200],
    ['a+b', 'a+b', 200],
    ['https://client.example/', 'https%3A%2F%2Fclient.example%2F', 200],
    ['caf\u00e9', 'caf%C3%A9', 200],
    ['caf\u00e9', 'caf\u00e9', 200],
  ];
  for (const [client_id, user, status] of NAMES) {
    it(`§2.3.1 who is in ctx.state as ${client_id} is ${status === 200 ? '' : 'not '}the client of Basic ${user}`, async () => {
      const asClient: Middleware = async (ctx, next) => {
        ctx.state['user'] = { ...CLIENT, client_id };
        ctx.state['authInfo'] = {}; // as passport leaves it where it has authenticated this request
        await next();
      };
      const { app } = authorizationServer({
        plug: counting().plug,
        routes: (router, server) => router.post('/by-hand', asClient, server.token()),
      });
      const credentials = Buffer.from(`${user}:secret:with:colons`).toString('base64');
      const response = await request(app.callback())
        .post('/by-hand')
        .set('Authorization', `Basic ${credentials}`)
        .type('form')
        .send(OWN);
      assert.equal(response.status, status, response.text);
    });
  }

  for (const second of ['client_secret', 'client_assertion']) {
    it(`§2.3 Basic and ${second} in one request: invalid_request, and nothing is issued`, async () => {
      const { calls, plug } = counting();
      const { app } = authorizationServer({ plug });
      const response = await tokenRequest(app, { ...OWN, [second]: 'client-secret' });
      assertErrorHere(response, 400, 'invalid_request');
      assert.deepEqual(calls, []);
    });
  }

  it('§3.2.1 a logged-in user whose id is that of a client is not accepted as the client, whatever secret the request has', async () => {
    const { app } = authorizationServer({
      plug: counting().plug,
      options: { clientID: (client) => String(Reflect.get(client, 'id') ?? client.client_id) },
      routes: (router, server) => {
        const login: Middleware = (ctx, next) => {
          ctx.state['user'] = { id: 'client' };
          return next();
        };
        router.post('/own', login, server.token());
        router.post(
          '/introspect',
          login,
          server.endpoint(introspection(() => ({ active: true, client_id: 'client' }))),
        );
      },
    });
    for (const path of ['/own', '/introspect'])
      for (const [form, header] of [
        [{ client_id: 'client', client_secret: 'wrong' }, {}],
        [{}, { Authorization: `Basic ${Buffer.from('client:wrong').toString('base64')}` }],
      ]) {
        const params = { ...(path === '/own' ? OWN : { token: 'a token' }), ...form };
        const response = await request(app.callback())
          .post(path)
          .set(header as Record<string, string>)
          .type('form')
          .send(params);
        assertInvalidClient(response);
      }
  });

  it('ctx.state.oauth2.client that was put there by hand is no client; setAuthenticatedClient says who is one', async () => {
    const { app } = authorizationServer({
      plug: counting().plug,
      routes: (router, server) => {
        router.post(
          '/own',
          (ctx, next) => {
            ctx.state['oauth2'] = { client: CLIENT } as never;
            return next();
          },
          server.token(),
        );
        router.post(
          '/said',
          (ctx, next) => {
            setAuthenticatedClient(ctx, CLIENT);
            return next();
          },
          server.token(),
        );
      },
    });
    const post = (path: string) => request(app.callback()).post(path).type('form').send(OWN);
    assertInvalidClient(await post('/own'));
    await post('/said').expect(200);
  });

  it('setAuthenticatedClient refuses what is no client: nothing, or a promise that was not awaited', () => {
    for (const client of [undefined, null, false, Promise.resolve(CLIENT)])
      assert.throws(() => setAuthenticatedClient({ state: {} } as never, client), TypeError);
  });

  it('§3.2.1 the session of a logged-in user does not hinder a client that passport authenticated', async () => {
    const { app } = authorizationServer({
      plug: (server) => plugAll(server),
      routes: (router, server) =>
        router.post(
          '/both',
          fromPassport,
          async (ctx, next) => {
            Object.assign(ctx.state, { user: CLIENT, authInfo: {} });
            await next();
          },
          server.token(),
        ),
    });
    const { status } = await request(app.callback())
      .post('/both')
      .type('form')
      .send(encode({ ...OWN, client_id: 'client' }));
    assert.equal(status, 200);
  });
});
