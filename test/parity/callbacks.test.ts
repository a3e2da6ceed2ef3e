/** What oauth2orize passes to every callback, in which order, and what it takes for an answer. */
import assert from 'node:assert/strict';
import type { Middleware } from 'koa';
import { type Authorization, type Exchange, exchange, grant, type Server } from 'koauthorize';
import request from 'supertest';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  redirected,
  tokenRequest,
  type User,
} from '../support/authorization-server.js';

type Arguments = readonly unknown[];

/** A function of so many parameters that remembers what it was called with: plain JavaScript has no types to tell. */
function spy(parameters: number, answer: (...args: unknown[]) => unknown) {
  const calls: Arguments[] = [];
  const callback = (...args: unknown[]): unknown => {
    calls.push(args);
    return answer(...args);
  };
  Object.defineProperty(callback, 'length', { value: parameters });
  return { callback: callback as never, calls };
}

/** The arguments of the only call. */
function only(calls: readonly Arguments[]): Arguments {
  assert.equal(calls.length, 1);
  return calls[0] ?? [];
}

/** The only argument of the only call, a transaction. */
function transaction(calls: readonly Arguments[]): Record<string, unknown> {
  assert.equal(only(calls).length, 1);
  return only(calls)[0] as Record<string, unknown>;
}

const USER = { id: 'alice', name: 'User alice' };
const AREQ = {
  type: 'code',
  clientID: 'client',
  redirectURI: CALLBACK,
  scope: ['read', 'write'],
  state: 'a state',
};

/** JSON leaves out what has no value. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const codeGrant = (server: Server<App, User>): unknown => server.grant(grant.code(() => 'the code'));

describe('callbacks of the authorization endpoint', () => {
  for (const parameters of [2, 3, 4, 5]) {
    it(`validate of ${parameters} parameters: client ID, redirect URI, scope, type, areq`, async () => {
      const { callback, calls } = spy(parameters, () => [CLIENT, CALLBACK]);
      const { app } = authorizationServer({
        plug: codeGrant,
        authorization: (server) => server.authorization(callback),
      });
      await browser(app).authorize().expect(200);
      assert.deepEqual(plain(calls), [['client', CALLBACK, ['read', 'write'], 'code', AREQ]]);
    });
  }

  for (const parameters of [1]) {
    it(`validate of ${parameters} parameter: areq`, async () => {
      const { callback, calls } = spy(parameters, () => [CLIENT, CALLBACK]);
      const { app } = authorizationServer({
        plug: codeGrant,
        authorization: (server) => server.authorization(callback),
      });
      await browser(app).authorize().expect(200);
      assert.deepEqual(plain(calls), [[AREQ]]);
    });
  }

  const refusals: readonly [what: string, answer: unknown][] = [
    ['false', false],
    ['undefined', undefined],
    ['null', null],
    ['[false]', [false]],
    ['[null, redirect URI]', [null, CALLBACK]],
  ];
  for (const [what, answer] of refusals) {
    it(`validate that gives ${what}: Unauthorized client, for the resource owner to see`, async () => {
      const { callback } = spy(2, () => answer);
      const { app } = authorizationServer({ authorization: (server) => server.authorization(callback) });
      const response = await browser(app).authorize();
      assert.deepEqual(
        [response.status, response.body, response.headers['location']],
        [403, { error: 'unauthorized_client', error_description: 'Unauthorized client' }, undefined],
      );
    });
  }

  it('a third element of what validate gives is the web origin, which waits with the transaction', async () => {
    const { app } = authorizationServer({
      plug: (server) =>
        server.grant(
          grant.code(
            (_c, _u, _o, _a, _r, _l) => 'code',
            (txn) => ({ origin: txn.webOrigin }),
          ),
        ),
      authorization: (server) => server.authorization((_id, uri) => [CLIENT, uri, 'https://client.example']),
    });
    assert.equal((await browser(app).allow())['origin'], 'https://client.example');
  });

  for (const parameters of [2, 3, 4, 5, 6]) {
    it(`immediate of ${parameters} parameters: client, user, scope, type, areq, locals`, async () => {
      const { callback, calls } = spy(parameters, () => false);
      const { app } = authorizationServer({
        plug: codeGrant,
        before: (ctx, next) => {
          ctx.state['locals'] = { theme: 'dark' };
          return next();
        },
        authorization: (server) => server.authorization((_id, uri) => [CLIENT, uri], callback),
      });
      await browser(app).authorize().expect(200);
      assert.deepEqual(plain(calls), [[CLIENT, USER, ['read', 'write'], 'code', AREQ, { theme: 'dark' }]]);
    });
  }

  it('immediate of one parameter: the transaction', async () => {
    const { callback, calls } = spy(1, () => false);
    const { app } = authorizationServer({
      plug: codeGrant,
      authorization: (server) => server.authorization((_id, uri) => [CLIENT, uri], callback),
    });
    await browser(app).authorize().expect(200);
    const { client, redirectURI, user, req } = transaction(calls);
    assert.deepEqual(plain({ client, redirectURI, user, req }), {
      client: CLIENT,
      redirectURI: CALLBACK,
      user: USER,
      req: AREQ,
    });
  });

  const answers: readonly [what: string, answer: unknown, allowed: boolean][] = [
    ['true', true, true],
    ['[true]', [true], true],
    ['[true, info]', [true, { scope: ['read'] }], true],
    ['false', false, false],
    ['undefined', undefined, false],
    ['[false]', [false], false],
    ['[false, info, locals]', [false, { seen: 1 }, { theme: 'dark' }], false],
  ];
  for (const [what, answer, allowed] of answers) {
    it(`immediate that gives ${what} ${allowed ? 'answers at once' : 'has the resource owner asked'}`, async () => {
      const { callback } = spy(2, () => answer);
      const { app } = authorizationServer({
        plug: codeGrant,
        authorization: (server) => server.authorization((_id, uri) => [CLIENT, uri], callback),
      });
      const response = await browser(app).authorize();
      assert.equal(response.status, allowed ? 302 : 200);
      if (allowed) assert.deepEqual(redirected(response), { code: 'the code', state: 'a state' });
      else if (Array.isArray(answer) && answer[1])
        assert.deepEqual([response.body.info, response.body.locals], answer.slice(1));
    });
  }

  it('what immediate gives beside true is the decision, and nothing of it is written to', async () => {
    const { callback, calls } = spy(5, () => 'the code');
    const info = Object.freeze({ scope: Object.freeze(['read']), remembered: true });
    const { app } = authorizationServer({
      plug: (server) => server.grant(grant.code(callback)),
      authorization: (server) =>
        server.authorization(
          (_id, uri) => [CLIENT, uri],
          (_client, _user) => [true, info],
        ),
    });
    await browser(app).authorize().expect(302);
    assert.deepEqual(only(calls)[3], { scope: ['read'], remembered: true, allow: true });
  });
});

describe('callbacks of grants', () => {
  const AUTHORIZATION = {
    clientID: 'client',
    redirectURI: CALLBACK,
    scope: ['read'],
    request: AREQ,
    subject: 'alice',
  };
  const decision = (server: Server<App, User>) =>
    server.decision(() => [{ scope: ['read'], remember: 'yes' }, { theme: 'dark' }]);
  const ARES = { scope: ['read'], remember: 'yes', allow: true };

  for (const parameters of [3, 4, 5, 6, 7]) {
    it(`grant.code of ${parameters} parameters: client, redirect URI, user, ares, areq, locals, authorization`, async () => {
      const { callback, calls } = spy(parameters, () => 'the code');
      const { app } = authorizationServer({ plug: (server) => server.grant(grant.code(callback)), decision });
      assert.deepEqual(await browser(app).allow(), { code: 'the code', state: 'a state' });
      assert.deepEqual(plain(calls), [[CLIENT, CALLBACK, USER, ARES, AREQ, { theme: 'dark' }, AUTHORIZATION]]);
    });
  }

  it('grant.code: the redirect URI is the one of the request, and none where it had none', async () => {
    const { callback, calls } = spy(3, () => 'the code');
    const { app } = authorizationServer({ plug: (server) => server.grant(grant.code(callback)) });
    await browser(app).allow({ redirect_uri: undefined });
    assert.equal(only(calls)[1], undefined);
    assert.equal((only(calls)[6] as Authorization).redirectURI, CALLBACK);
  });

  for (const parameters of [2, 3, 4, 5, 6]) {
    it(`grant.token of ${parameters} parameters: client, user, ares, areq, locals, authorization`, async () => {
      const { callback, calls } = spy(parameters, () => 'the token');
      const { app } = authorizationServer({ plug: (server) => server.grant(grant.token(callback)), decision });
      const params = await browser(app).allow({ response_type: 'token' });
      assert.deepEqual(params, { access_token: 'the token', token_type: 'Bearer', state: 'a state', scope: 'read' });
      const request = { ...AREQ, type: 'token' };
      assert.deepEqual(plain(calls), [[CLIENT, USER, ARES, request, { theme: 'dark' }, { ...AUTHORIZATION, request }]]);
    });
  }

  const tokens: readonly [answer: unknown, params: Record<string, string>][] = [
    ['t', { access_token: 't', token_type: 'Bearer' }],
    [['t'], { access_token: 't', token_type: 'Bearer' }],
    [['t', { expires_in: 60 }], { access_token: 't', token_type: 'Bearer', expires_in: '60' }],
    [['t', { token_type: 'mac' }], { access_token: 't', token_type: 'mac' }],
    [['t', { refresh_token: 'r' }], { access_token: 't', token_type: 'Bearer' }], // RFC 6749 §4.2.2
    [false, { error: 'access_denied', error_description: 'Request denied by authorization server' }],
    [[false], { error: 'access_denied', error_description: 'Request denied by authorization server' }],
  ];
  for (const [answer, params] of tokens) {
    it(`grant.token that gives ${JSON.stringify(answer)}`, async () => {
      const { callback } = spy(2, () => answer);
      const { app } = authorizationServer({ plug: (server) => server.grant(grant.token(callback)) });
      assert.deepEqual(await browser(app).allow({ response_type: 'token' }), { ...params, state: 'a state' });
    });
  }

  for (const answer of [false, null, undefined, '']) {
    it(`grant.code that gives ${JSON.stringify(answer)} denies`, async () => {
      const { app } = authorizationServer({ plug: (server) => server.grant(grant.code(() => answer as false)) });
      assert.deepEqual(await browser(app).allow(), {
        error: 'access_denied',
        error_description: 'Request denied by authorization server',
        state: 'a state',
      });
    });
  }

  it('extend(txn) adds to the response, asynchronously or not', async () => {
    const { callback, calls } = spy(1, async () => ({ session_state: 'abc' }));
    const { app } = authorizationServer({ plug: (server) => server.grant(grant.code(() => 'the code', callback)) });
    assert.deepEqual(await browser(app).allow(), { code: 'the code', state: 'a state', session_state: 'abc' });
    const { client, user } = transaction(calls);
    assert.deepEqual({ client, user }, { client: CLIENT, user: USER });
  });

  it('extend(txn) comes third when options come first, and may give nothing', async () => {
    const { callback } = spy(1, () => undefined);
    const plug = (server: Server<App, User>) => server.grant(grant.code({}, () => 'the code', callback));
    assert.deepEqual(await browser(authorizationServer({ plug }).app).allow(), { code: 'the code', state: 'a state' });
  });
});

describe('callbacks of exchanges', () => {
  const GRANT = { grant_type: 'authorization_code', code: 'c', redirect_uri: CALLBACK, extra: '1' };
  const SCOPED = { grant_type: 'client_credentials', scope: 'read write', extra: '1' };
  const PASSWORD = { grant_type: 'password', username: 'u', password: 'p', scope: 'read write', extra: '1' };
  const REFRESH = { grant_type: 'refresh_token', refresh_token: 'r', scope: 'read write', extra: '1' };
  const SCOPE = ['read', 'write'];

  type Make = (callback: never) => Exchange<App>;
  const table: readonly [name: string, make: Make, parameters: readonly number[], body: object, args: unknown[]][] = [
    ['code', exchange.code, [3, 4, 5, 6], GRANT, ['c', CALLBACK, GRANT, undefined, 'check']],
    ['authorizationCode', exchange.authorizationCode, [3], GRANT, ['c', CALLBACK, GRANT, undefined, 'check']],
    ['clientCredentials', exchange.clientCredentials, [1, 2, 3, 4], SCOPED, [SCOPE, SCOPED, undefined]],
    ['password', exchange.password, [3, 4, 5, 6], PASSWORD, ['u', 'p', SCOPE, PASSWORD, undefined]],
    ['refreshToken', exchange.refreshToken, [2, 3, 4, 5, 6], REFRESH, ['r', SCOPE, REFRESH, undefined, 'check']],
  ];
  for (const [name, make, lengths, body, args] of table) {
    for (const parameters of lengths) {
      it(`exchange.${name} of ${parameters} parameters`, async () => {
        const { callback, calls } = spy(parameters, () => 'the token');
        const { app } = authorizationServer({ plug: (server) => server.exchange(make(callback)) });
        const response = await tokenRequest(app, body);
        assert.deepEqual([response.status, response.body], [200, { access_token: 'the token', token_type: 'Bearer' }]);
        const seen = only(calls).map((value) =>
          typeof value === 'function' ? 'check' : value && structuredClone(value),
        );
        assert.deepEqual(seen, [CLIENT, ...args]);
      });
    }
  }

  it('authInfo is what passport left', async () => {
    const { callback, calls } = spy(5, () => 'the token');
    const { app } = authorizationServer({
      before: (ctx, next) => {
        ctx.state['authInfo'] = { scope: 'all' };
        return next();
      },
      plug: (server) => server.exchange(exchange.code(callback)),
    });
    await tokenRequest(app, GRANT).expect(200);
    assert.deepEqual(only(calls)[4], { scope: 'all' });
  });

  const answers: readonly [answer: unknown, body: object][] = [
    ['a', { access_token: 'a', token_type: 'Bearer' }],
    [['a'], { access_token: 'a', token_type: 'Bearer' }],
    [['a', 'r'], { access_token: 'a', refresh_token: 'r', token_type: 'Bearer' }],
    [['a', 'r', { expires_in: 60 }], { access_token: 'a', refresh_token: 'r', token_type: 'Bearer', expires_in: 60 }],
    [['a', { expires_in: 60 }], { access_token: 'a', token_type: 'Bearer', expires_in: 60 }],
    [['a', null, { expires_in: 60 }], { access_token: 'a', token_type: 'Bearer', expires_in: 60 }],
    [['a', undefined, { token_type: 'mac' }], { access_token: 'a', token_type: 'mac' }],
  ];
  for (const [answer, body] of answers) {
    it(`a callback that gives ${JSON.stringify(answer)}`, async () => {
      const { callback } = spy(3, async () => answer);
      const { app } = authorizationServer({ plug: (server) => server.exchange(exchange.code(callback)) });
      const response = await tokenRequest(app, GRANT);
      assert.deepEqual([response.status, response.body], [200, body]);
    });
  }

  const refusals: readonly [make: Make, body: object, description: string][] = [
    [exchange.code, GRANT, 'Invalid authorization code'],
    [exchange.clientCredentials, SCOPED, 'Invalid client credentials'],
    [exchange.password, PASSWORD, 'Invalid resource owner credentials'],
    [exchange.refreshToken, REFRESH, 'Invalid refresh token'],
  ];
  for (const [make, body, error_description] of refusals) {
    for (const answer of [false, null, undefined, '', [], [false]]) {
      it(`${error_description}: ${JSON.stringify(answer)}`, async () => {
        const { callback } = spy(3, () => answer);
        const { app } = authorizationServer({ plug: (server) => server.exchange(make(callback)) });
        const response = await tokenRequest(app, body);
        assert.deepEqual([response.status, response.body], [400, { error: 'invalid_grant', error_description }]);
      });
    }
  }

  const missing: readonly [make: Make, body: object, name: string][] = [
    [exchange.code, { grant_type: 'authorization_code' }, 'code'],
    [exchange.password, { grant_type: 'password', password: 'p' }, 'username'],
    [exchange.password, { grant_type: 'password', username: 'u' }, 'password'],
    [exchange.refreshToken, { grant_type: 'refresh_token' }, 'refresh_token'],
  ];
  for (const [make, body, name] of missing) {
    it(`Missing required parameter: ${name}`, async () => {
      const { callback, calls } = spy(3, () => 'the token');
      const { app } = authorizationServer({ plug: (server) => server.exchange(make(callback)) });
      const response = await tokenRequest(app, body);
      const error_description = `Missing required parameter: ${name}`;
      assert.deepEqual([response.status, response.body], [400, { error: 'invalid_request', error_description }]);
      assert.deepEqual(calls, []);
    });
  }
});

describe('options of exchanges', () => {
  const separators: readonly [scopeSeparator: string | string[] | undefined, sent: string, scope: string[]][] = [
    [undefined, 'read write', ['read', 'write']],
    [undefined, 'read,write', ['read,write']],
    [',', 'read,write', ['read', 'write']],
    [[' ', ','], 'read,write', ['read', 'write']],
    [[' ', ','], 'read write,all', ['read', 'write,all']],
  ];
  for (const [scopeSeparator, scope, words] of separators) {
    it(`scopeSeparator ${JSON.stringify(scopeSeparator)}: "${scope}" is ${JSON.stringify(words)}`, async () => {
      const seen: unknown[] = [];
      const options = { ...(scopeSeparator && { scopeSeparator }) };
      const see = (scope: unknown): string => {
        seen.push(scope);
        return 'the token';
      };
      const { app } = authorizationServer({
        plug: (server) =>
          server
            .exchange(exchange.clientCredentials(options, (_client, scope) => see(scope)))
            .exchange(exchange.password(options, (_client, _name, _password, scope) => see(scope)))
            .exchange(exchange.refreshToken(options, (_client, _token, scope) => see(scope))),
      });
      await tokenRequest(app, { grant_type: 'client_credentials', scope }).expect(200);
      await tokenRequest(app, { grant_type: 'password', username: 'u', password: 'p', scope }).expect(200);
      await tokenRequest(app, { grant_type: 'refresh_token', refresh_token: 'r', scope }).expect(200);
      assert.deepEqual(seen, [words, words, words]);
    });
  }

  const properties: readonly [what: string, ofExchange: string | undefined, ofEndpoint: string | undefined][] = [
    ['of the exchange', 'app', undefined],
    ['of the token endpoint', undefined, 'app'],
    ['of the exchange, before that of the token endpoint', 'app', 'other'],
  ];
  for (const [what, ofExchange, ofEndpoint] of properties) {
    it(`userProperty ${what}`, async () => {
      const { callback, calls } = spy(3, () => 'the token');
      const { app } = authorizationServer({
        plug: (server) => server.exchange(exchange.code({ ...(ofExchange && { userProperty: ofExchange }) }, callback)),
        routes: (router, server) => {
          const authenticate: Middleware = (ctx, next) => {
            ctx.state['app'] = CLIENT;
            ctx.state['authInfo'] = {}; // as passport's assignProperty has it
            return next();
          };
          router.post('/elsewhere', authenticate, server.token({ ...(ofEndpoint && { userProperty: ofEndpoint }) }));
        },
      });
      const body = { grant_type: 'authorization_code', code: 'c', client_id: 'client' };
      await request(app.callback()).post('/elsewhere').type('form').send(body).expect(200);
      assert.deepEqual(only(calls)[0], CLIENT);
    });
  }
});

describe('calls without what they need', () => {
  const { server } = authorizationServer();
  const table: readonly [what: string, call: () => unknown, message: RegExp][] = [
    [
      'authorization',
      () => server.authorization(undefined as never),
      /server\.authorization requires a validate function/,
    ],
    ['authorization({})', () => server.authorization({}, undefined as never), /requires a validate function/],
    ['resume', () => server.resume(undefined as never), /server\.resume requires an immediate function/],
    ['grant.code', () => grant.code(undefined as never), /grant\.code requires an issue callback/],
    ['grant.token', () => grant.token({}, undefined as never), /grant\.token requires an issue callback/],
    ['exchange.code', () => exchange.code(undefined as never), /requires an issue callback/],
    ['exchange.clientCredentials', () => exchange.clientCredentials(undefined as never), /requires an issue callback/],
    ['exchange.password', () => exchange.password({}, undefined as never), /requires an issue callback/],
    ['exchange.refreshToken', () => exchange.refreshToken(undefined as never), /requires an issue callback/],
  ];
  for (const [what, call, message] of table) {
    it(`${what} throws a TypeError at once`, () => assert.throws(call, { name: 'TypeError', message }));
  }

  it('aliases are the same function', () => {
    assert.equal(server.authorize, server.authorization);
    assert.equal(grant.authorizationCode, grant.code);
    assert.equal(grant.implicit, grant.token);
    assert.equal(exchange.authorizationCode, exchange.code);
  });
});
