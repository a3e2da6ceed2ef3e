/** Faults that oauth2orize-koa was known for, each shown to be absent. */
import assert from 'node:assert/strict';
import { bodyParser } from '@koa/bodyparser';
import type Koa from 'koa';
import { KoaPassport } from 'koa-passport';
import { AuthorizationError, errorHandler, exchange, grant, type Server } from 'koauthorize';
import { BasicStrategy } from 'passport-http';
import request from 'supertest';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  exchangeCode,
  OTHER,
  REQUEST,
  redirected,
  tokenRequest,
  type User,
} from '../support/authorization-server.js';
import { assertErrorHere, assertInvalidClient, encode } from '../support/form.js';

const SECRET = 'connect ECONNREFUSED postgres://admin:1234@db';

function fail(): never {
  throw new Error(SECRET);
}

describe('an exception without a status', () => {
  it("at the token endpoint: 500, and its message is the operator's", async () => {
    const { app, errors } = authorizationServer({
      plug: (server) => server.exchange(exchange.clientCredentials(fail)),
    });
    const response = await tokenRequest(app, { grant_type: 'client_credentials' });
    assertErrorHere(response, 500, 'server_error');
    assert.deepEqual(response.body, { error: 'server_error' });
    assert.deepEqual(
      errors.map(({ message }) => message),
      [SECRET],
    );
  });

  it('before a client is found: the same', async () => {
    const { app, errors } = authorizationServer({
      authorization: (server) => server.authorization((_id, _uri) => fail()),
    });
    const response = await browser(app).authorize();
    assertErrorHere(response, 500, 'server_error');
    assert.deepEqual([response.body, errors.length], [{ error: 'server_error' }, 1]);
  });

  it('on the way to a client: server_error, and no message', async () => {
    const { app } = authorizationServer({ plug: (server) => server.grant(grant.code(fail)) });
    assert.deepEqual(await browser(app).allow(), { error: 'server_error', state: 'a state' });
  });

  for (const thrown of ['a string', undefined, null, 42, { status: 200 }, { status: 404 }]) {
    it(`even ${JSON.stringify(thrown)}: an error status, and nothing of it told`, async () => {
      const { app } = authorizationServer({
        plug: (server) =>
          server.exchange(
            exchange.clientCredentials(() => {
              throw thrown;
            }),
          ),
      });
      const response = await tokenRequest(app, { grant_type: 'client_credentials' });
      assert.deepEqual([response.status, response.body], [500, { error: 'server_error' }]);
    });
  }

  for (const status of [100, 200, 302, 399, 600, NaN, '404']) {
    it(`or with status ${status}, which is no error: 500`, async () => {
      const { app } = authorizationServer({
        plug: (server) =>
          server.exchange(
            exchange.clientCredentials(() => {
              throw Object.assign(new Error(SECRET), { status });
            }),
          ),
      });
      const response = await tokenRequest(app, { grant_type: 'client_credentials' });
      assert.deepEqual([response.status, response.body], [500, { error: 'server_error' }]);
    });
  }
});

describe('without a body parser', () => {
  const parsers = [
    ['none', undefined],
    ['@koa/bodyparser', bodyParser()],
  ] as const;
  for (const [which, before] of parsers) {
    it(`${which}: a whole flow works, by POST from the beginning`, async () => {
      const { app } = authorizationServer({ ...(before && { before }) });
      const { agent, decide } = browser(app);
      const dialog = await agent.post('/authorize').set('X-User', 'alice').type('form').send(REQUEST).expect(200);
      const { code } = redirected(await decide(dialog.body.transactionID).expect(303));
      const response = await exchangeCode(app, code);
      assert.equal(response.status, 200);
      assert.ok(response.body.access_token);
    });
  }

  it('a request without a body is refused, and not answered with 200', async () => {
    const { app } = authorizationServer();
    const response = await request(app.callback()).post('/token').auth('client', 'client-secret');
    assertErrorHere(response, 400, 'invalid_request');
    assertErrorHere(await browser(app).agent.post('/decision'), 400, 'invalid_request');
  });
});

describe('the old refresh token', () => {
  const answers: readonly [answer: string | [string, ...unknown[]], expected: string | undefined][] = [
    ['the token', undefined],
    [['the token'], undefined],
    [['the token', { expires_in: 60 }], undefined],
    [['the token', null, { expires_in: 60 }], undefined],
    [['the token', 'new'], 'new'],
  ];
  for (const [answer, expected] of answers) {
    it(`is not echoed by a callback that gives ${JSON.stringify(answer)}`, async () => {
      const { app } = authorizationServer({
        plug: (server) => server.exchange(exchange.refreshToken(() => answer as string)),
      });
      const response = await tokenRequest(app, { grant_type: 'refresh_token', refresh_token: 'old' }).expect(200);
      assert.equal(response.body.refresh_token, expected);
    });
  }
});

describe('names of Object.prototype', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    it(`transaction_id=${name}: not found`, async () => {
      const { app } = authorizationServer();
      const { authorize, decide } = browser(app);
      await authorize();
      assertErrorHere(await decide(name), 403, 'access_denied');
    });
    it(`response_type, response_mode and grant_type ${name}: unsupported`, async () => {
      const { app } = authorizationServer();
      const { authorize } = browser(app);
      assert.equal(redirected(await authorize({ response_type: name }))['error'], 'unsupported_response_type');
      assert.equal(redirected(await authorize({ response_mode: name }))['error'], 'invalid_request');
      assertErrorHere(await tokenRequest(app, { grant_type: name }), 400, 'unsupported_grant_type');
    });
    it(`a parameter ${name} changes nothing`, async () => {
      const { app } = authorizationServer();
      const { code } = await browser(app).allow({ [name]: 'x' }, { [name]: 'x' });
      assert.equal((await exchangeCode(app, code, { [name]: 'x' })).status, 200);
    });
  }
});

describe('a POSTed authorization request', () => {
  const post = (app: Koa, query: object, body: object) =>
    browser(app).agent.post('/authorize').set('X-User', 'alice').query(query).type('form').send(body);
  const { client_id, redirect_uri, ...rest } = REQUEST;

  it('is read from the body', async () => {
    const { body } = await post(authorizationServer().app, {}, REQUEST).expect(200);
    assert.deepEqual([body.req.clientID, body.req.scope, body.req.state], ['client', ['read', 'write'], 'a state']);
  });

  it('is not read from the query at all', async () => {
    assertErrorHere(await post(authorizationServer().app, REQUEST, {}), 400, 'invalid_request');
  });

  it('is not read half from the one and half from the other', async () => {
    const { app } = authorizationServer();
    assertErrorHere(await post(app, { client_id, redirect_uri }, rest), 400, 'invalid_request');
    const { body } = await post(app, { ...REQUEST, scope: 'admin', state: 'other' }, REQUEST).expect(200);
    assert.deepEqual([body.req.scope, body.req.state], [['read', 'write'], 'a state']);
  });

  it('takes its response type from the body', async () => {
    const response = await post(
      authorizationServer().app,
      { response_type: 'code' },
      { ...REQUEST, response_type: 'foo' },
    );
    assert.equal(redirected(response)['error'], 'unsupported_response_type');
  });

  it('and a GET from its query, whatever its body', async () => {
    const { app } = authorizationServer();
    const { agent } = browser(app);
    const response = await agent
      .get('/authorize')
      .set('X-User', 'alice')
      .query(REQUEST)
      .type('form')
      .send(encode({ scope: 'admin' }));
    assert.deepEqual(response.body.req.scope, ['read', 'write']);
  });
});

describe("passport's AuthenticationError", () => {
  const passport = new KoaPassport();
  passport.use(
    new BasicStrategy((id, secret, done) => done(null, id === 'client' && secret === 'right' ? CLIENT : false)),
  );
  const { app } = authorizationServer({
    before: passport.initialize(),
    plug: (server) => server.exchange(exchange.clientCredentials(() => 'the token')),
    routes: (router, server) => {
      const authenticate = passport.authenticate('basic', { session: false, failWithError: true });
      router.post('/passport', authenticate, server.token());
    },
  });
  const attempt = (secret: string | undefined) => {
    const post = request(app.callback()).post('/passport').type('form').send({ grant_type: 'client_credentials' });
    return secret === undefined ? post : post.auth('client', secret);
  };

  for (const secret of ['wrong', undefined]) {
    it(`with the secret ${secret}: invalid_client, with a challenge where it came in the header`, async () => {
      const response = await attempt(secret);
      assertInvalidClient(response);
      assert.equal(/^Basic realm=/.test(response.headers['www-authenticate'] ?? ''), secret !== undefined);
    });
  }

  it('and none with the right one', async () => {
    assert.equal((await attempt('right').expect(200)).body.access_token, 'the token');
  });
});

describe('objects of the caller', () => {
  function deepFreeze<T>(value: T): T {
    if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) deepFreeze(one);
    return Object.freeze(value);
  }

  it('are never written to: options, clients, users, answers of callbacks', async () => {
    const own = deepFreeze({
      server: {},
      modes: { modes: {}, scopeSeparator: [' ', ','] },
      authorization: { idLength: 30, sessionKey: 'mine', modes: {} },
      decision: { sessionKey: 'mine', transactionField: 'transaction_id', modes: {} },
      exchange: { scopeSeparator: [' ', ','], userProperty: 'user' },
      handler: { fragment: ['token'], modes: {} },
      token: {},
      validated: [structuredClone(CLIENT), CALLBACK] as const,
      ares: [{ scope: ['read'] }, { theme: 'dark' }] as const,
      immediate: [false, { seen: 1 }, { theme: 'dark' }] as const,
      issued: ['the token', 'refresh', { expires_in: 60 }] as const,
      locals: { theme: 'light' },
      user: { id: 'alice', name: 'Alice' },
    });
    const { app, errors } = authorizationServer({
      options: own.server,
      clients: [own.validated[0], deepFreeze(structuredClone(OTHER))],
      before: (ctx, next) => {
        ctx.state['locals'] = own.locals;
        return next();
      },
      plug: (server: Server<App, User>) =>
        server
          .grant(grant.code(own.modes, () => 'the code'))
          .grant(grant.token(own.modes, () => own.issued[0]))
          .exchange(exchange.code(own.exchange, () => own.issued))
          .exchange(exchange.refreshToken(own.exchange, () => own.issued)),
      authorization: (server) =>
        server.authorization(
          own.authorization,
          () => own.validated,
          () => own.immediate,
        ),
      decision: (server) => server.decision(own.decision, () => own.ares),
      errorHandler: (server) => server.errorHandler(own.handler),
      routes: (router, server) => {
        router.get('/unused', errorHandler(own.handler), server.token(own.token));
      },
    });
    const { code } = await browser(app).allow();
    assert.equal(code, 'the code');
    assert.equal((await browser(app).allow({ response_type: 'token' }))['access_token'], 'the token');
    assert.equal((await exchangeCode(app, code)).body.refresh_token, 'refresh');
    assert.equal((await browser(app).authorize({ response_type: 'foo' })).status, 302);
    assert.deepEqual(
      errors.map(({ message }) => message),
      ['Unsupported response type: foo'],
    );
  });
});

describe('errors are kept by no cache', () => {
  const { app } = authorizationServer({
    authorization: (server) =>
      server.authorization((id, uri) => {
        if (id === 'broken') throw new AuthorizationError('Not now', 'temporarily_unavailable');
        return [id === 'client' ? CLIENT : false, uri];
      }),
  });
  const { authorize, decide } = browser(app);
  const table: readonly [what: string, answer: () => PromiseLike<request.Response>][] = [
    ['an unknown client', () => authorize({ client_id: 'nobody' })],
    ['an error for the client', () => authorize({ response_type: 'foo' })],
    ['an error of validate', () => authorize({ client_id: 'broken' })],
    ['an unknown transaction', () => decide('nope')],
    ['an unknown code', () => exchangeCode(app, 'nope')],
    ['an unknown grant type', () => tokenRequest(app, { grant_type: 'foo' })],
    [
      'an unknown client at the token endpoint',
      () => request(app.callback()).post('/token').type('form').send('grant_type=x&code=y'),
    ],
  ];
  for (const [what, answer] of table) {
    it(what, async () => {
      const { headers } = await answer();
      assert.deepEqual([headers['cache-control'], headers['pragma']], ['no-store', 'no-cache']);
    });
  }
});
