/** oauth2orize's low-level plugs: grants and exchanges by hand, serializers and deserializers. */
import assert from 'node:assert/strict';
import type { Context, Middleware, Next } from 'koa';
import { AuthorizationError, createServer, exchange, grant, type Server } from 'koauthorize';
import {
  type App,
  authorizationServer,
  browser,
  CLIENT,
  redirected,
  type Setup,
  tokenRequest,
  type User,
} from '../support/authorization-server.js';

type Plug = (server: Server<App, User>) => unknown;

const serverWith = (plug: Plug, setup: Setup = {}) => authorizationServer({ plug, ...setup }).app;

/** Answers a decided transaction with what it knows. */
const respond: Middleware = (ctx) => {
  const { res, req, user, client } = ctx.state['oauth2'];
  ctx.body = { allow: res.allow, foo: req.foo, user: user.id, client: client.client_id };
};

describe('server.grant by hand', () => {
  const parse = (ctx: Context) => ({ foo: ctx.query['foo'] });
  const ways: readonly [what: string, plug: Plug][] = [
    ['(module)', (server) => server.grant({ name: 'foo', request: parse, response: respond })],
    ['(type, module)', (server) => server.grant('foo', { request: parse, response: respond })],
    ['(type, phase, fn)', (server) => server.grant('foo', 'request', parse).grant('foo', 'response', respond)],
    ['(type, fn): a request parser', (server) => server.grant('foo', parse).grant('foo', 'response', respond)],
    ["('*', fn)", (server) => server.grant('*', parse).grant('foo', 'response', respond)],
    ["({ name: '*' })", (server) => server.grant({ name: '*', request: parse }).grant('foo', { response: respond })],
    ['asynchronously', (server) => server.grant('foo', async (ctx) => parse(ctx)).grant('foo', 'response', respond)],
  ];
  for (const [what, plug] of ways) {
    it(what, async () => {
      const { authorize, decide } = browser(serverWith(plug));
      const { body } = await authorize({ response_type: 'foo', foo: 'bar' }).expect(200);
      assert.equal(body.req.foo, 'bar');
      const { body: answer } = await decide(body.transactionID).expect(200);
      assert.deepEqual(answer, { allow: true, foo: 'bar', user: 'alice', client: 'client' });
    });
  }

  it('a type is a set of words, whichever way round they are asked for', async () => {
    const app = serverWith((server) => server.grant('foo bar', 'response', respond));
    for (const response_type of ['foo bar', 'bar foo']) {
      const { authorize, decide } = browser(app);
      const { body } = await authorize({ response_type }).expect(200);
      assert.equal((await decide(body.transactionID)).body.allow, true);
    }
  });

  it('types registered one by one answer in combination when the combination is registered by name', async () => {
    const app = serverWith((server) =>
      server
        .grant(grant.code(() => 'the code'))
        .grant(grant.token(() => 'the token'))
        .grant('code token'),
    );
    const response = await browser(app).allow({ response_type: 'token code' });
    const { code, access_token } = response;
    assert.deepEqual({ code, access_token }, { code: 'the code', access_token: 'the token' });
  });

  it('a grant under another name', async () => {
    const app = serverWith((server) =>
      server.grant(
        'foo',
        grant.code(() => 'the code'),
      ),
    );
    assert.equal((await browser(app).allow({ response_type: 'foo' }))['code'], 'the code');
  });

  it('wildcard parsers and the one of the type all have their say, in order', async () => {
    const app = serverWith((server) =>
      server
        .grant('*', () => ({ a: 1, b: 1 }))
        .grant('foo', () => ({ b: 2 }))
        .grant('other', () => ({ b: 3 }))
        .grant('foo', 'response', respond),
    );
    const { a, b } = (await browser(app).authorize({ response_type: 'foo' })).body.req;
    assert.deepEqual({ a, b }, { a: 1, b: 2 });
  });

  it('a parser that throws: the client is told', async () => {
    const app = serverWith((server) =>
      server.grant('foo', () => {
        throw new AuthorizationError('Missing required parameter: foo', 'invalid_request');
      }),
    );
    assert.deepEqual(redirected(await browser(app).authorize({ response_type: 'foo' })), {
      error: 'invalid_request',
      error_description: 'Missing required parameter: foo',
      state: 'a state',
    });
  });

  it('unknown response types are found even with wildcard parsers', async () => {
    const app = serverWith((server) => server.grant('*', () => ({ x: 1 })).grant(grant.code(() => 'the code')));
    assert.deepEqual(redirected(await browser(app).authorize({ response_type: 'foo' })), {
      error: 'unsupported_response_type',
      error_description: 'Unsupported response type: foo',
      state: 'a state',
    });
  });

  it('response handlers pass by calling next, in order, wildcards among them', async () => {
    const log: string[] = [];
    const pass =
      (name: string): Middleware =>
      async (_ctx, next) => {
        log.push(name);
        await next();
      };
    const app = serverWith((server) =>
      server
        .grant('*', 'response', pass('*'))
        .grant('code', 'response', pass('code'))
        .grant('other', 'response', pass('other'))
        .grant(grant.code(() => 'the code')),
    );
    assert.equal((await browser(app).allow())['code'], 'the code');
    assert.deepEqual(log, ['*', 'code']);
  });

  it('when all pass, the response type is unsupported', async () => {
    const app = serverWith((server) => server.grant('foo', 'response', (_ctx, next) => next()));
    const { error, error_description } = await browser(app).allow({ response_type: 'foo' });
    assert.deepEqual([error, error_description], ['unsupported_response_type', 'Unsupported response type: foo']);
  });

  it('complete is called for a response by hand, too', async () => {
    let completed = 0;
    const app = serverWith((server) => server.grant('foo', 'response', respond), {
      decision: (server) => server.decision({}, undefined, () => void completed++),
    });
    const { authorize, decide } = browser(app);
    await decide((await authorize({ response_type: 'foo' })).body.transactionID).expect(200);
    assert.equal(completed, 1);
  });

  describe('error handlers', () => {
    const failing = () => {
      throw new AuthorizationError('No such thing', 'invalid_scope');
    };
    const show = (error: unknown, ctx: Context): void => {
      ctx.status = 418;
      ctx.body = { message: (error as Error).message, client: ctx.state['oauth2'].client.client_id };
    };
    const pass = (_error: unknown, _ctx: Context, next: Next) => next();

    const answered: readonly [what: string, plug: Plug][] = [
      ['of the type', (server) => server.grant('code', 'error', show)],
      ['of all types', (server) => server.grant('*', 'error', show)],
      ['of a module', (server) => server.grant({ name: 'code', error: show })],
      ['after one that passed', (server) => server.grant('*', 'error', pass).grant('code', 'error', show)],
    ];
    for (const [what, plug] of answered) {
      it(`${what} answers by hand`, async () => {
        const app = serverWith((server) => plug(server.grant(grant.code(failing))));
        const { authorize, decide } = browser(app);
        const response = await decide((await authorize()).body.transactionID);
        assert.deepEqual([response.status, response.body], [418, { message: 'No such thing', client: 'client' }]);
      });
    }

    const passed: readonly [what: string, plug: Plug][] = [
      ['that passes', (server) => server.grant('code', 'error', pass)],
      ['of another type', (server) => server.grant('token', 'error', show)],
    ];
    for (const [what, plug] of passed) {
      it(`${what} leaves the error to the toolkit`, async () => {
        const app = serverWith((server) => plug(server.grant(grant.code(failing))));
        assert.deepEqual(await browser(app).allow(), {
          error: 'invalid_scope',
          error_description: 'No such thing',
          state: 'a state',
        });
      });
    }

    it('that throws itself is answered here, and described to nobody', async () => {
      const { app, errors } = authorizationServer({
        plug: (server) =>
          server.grant(grant.code(failing)).grant('code', 'error', () => {
            throw new Error('template not found');
          }),
      });
      const { authorize, decide } = browser(app);
      const response = await decide((await authorize()).body.transactionID);
      assert.deepEqual([response.status, response.body], [500, { error: 'server_error' }]);
      assert.equal(response.headers['cache-control'], 'no-store');
      assert.deepEqual(
        errors.map(({ message }) => message),
        ['No such thing', 'template not found'],
      );
    });
  });

  const mistakes: readonly [what: string, plug: Plug, message: RegExp][] = [
    ['a phase there is not', (server) => server.grant('code', 'respond' as 'response', respond), /no phase respond/],
    ['no function', (server) => server.grant('code', 'response', undefined as never), /requires a function/],
    ['a combination of unknown types', (server) => server.grant('code foo'), /response type foo|response type code/],
    [
      'one type twice',
      (server) => server.grant(grant.code(() => 'a')).grant(grant.code(() => 'b')),
      /registered already/,
    ],
  ];
  for (const [what, plug, message] of mistakes) {
    it(`refuses ${what}`, () => assert.throws(() => serverWith(plug), message));
  }
});

describe('server.exchange by hand', () => {
  const answer: Middleware = (ctx) => {
    const { body } = ctx.request as { body?: { assertion?: string } };
    ctx.body = { access_token: `for ${body?.assertion} and ${ctx.state['user'].client_id}`, token_type: 'Bearer' };
  };
  const foo: Middleware = (ctx, next) => answer(ctx, next);

  const ways: readonly [what: string, plug: Plug][] = [
    ['(type, fn)', (server) => server.exchange('foo', answer)],
    ['(namedFunction)', (server) => server.exchange(foo)],
    ["('*', fn)", (server) => server.exchange('*', answer)],
    [
      'after one that passes by next()',
      (server) => server.exchange('*', (_ctx, next) => next()).exchange('foo', answer),
    ],
  ];
  for (const [what, plug] of ways) {
    it(what, async () => {
      const response = await tokenRequest(serverWith(plug), { grant_type: 'foo', assertion: 'x' });
      assert.deepEqual(
        [response.status, response.body],
        [200, { access_token: 'for x and client', token_type: 'Bearer' }],
      );
      assert.equal(response.headers['cache-control'], 'no-store');
    });
  }

  it('passing on reaches the exchange registered after it', async () => {
    const app = serverWith((server) =>
      server
        .exchange('client_credentials', (_ctx, next) => next())
        .exchange(exchange.clientCredentials(() => 'the token')),
    );
    const response = await tokenRequest(app, { grant_type: 'client_credentials' });
    assert.equal(response.body.access_token, 'the token');
  });

  it('an exchange under another name', async () => {
    const app = serverWith((server) =>
      server.exchange(
        'foo',
        exchange.clientCredentials(() => 'the token'),
      ),
    );
    assert.equal((await tokenRequest(app, { grant_type: 'foo' })).body.access_token, 'the token');
  });

  for (const plug of [(server) => server.exchange('*', (_ctx, next) => next()), () => {}] satisfies Plug[]) {
    it('when all pass, or there is none, the grant type is unsupported', async () => {
      const response = await tokenRequest(serverWith(plug), { grant_type: 'foo' });
      assert.deepEqual(
        [response.status, response.body],
        [400, { error: 'unsupported_grant_type', error_description: 'Unsupported grant type: foo' }],
      );
    });
  }

  const mistakes: readonly [what: string, plug: Plug, message: RegExp][] = [
    ['a function without a name', (server) => server.exchange(((): Middleware => () => {})()), /requires an exchange/],
    ['a type without a function', (server) => server.exchange('foo', undefined as never), /requires an exchange/],
    [
      'one type twice',
      (server) => server.exchange(exchange.code(() => 'a')).exchange(exchange.code(() => 'b')),
      /registered already/,
    ],
  ];
  for (const [what, plug, message] of mistakes) {
    it(`refuses ${what}`, () => assert.throws(() => serverWith(plug), message));
  }
});

describe('serializers and deserializers', () => {
  const code: Plug = (server) => server.grant(grant.code(() => 'the code'));

  for (const nothing of [undefined, null, false, '', 0]) {
    it(`a serializer that gives ${JSON.stringify(nothing)} passes on`, async () => {
      const chain = createServer<App, User>();
      const seen: unknown[] = [];
      chain
        .serializeClient(() => nothing)
        .serializeClient(async ({ client_id }) => ({ client_id }))
        .deserializeClient(() => undefined)
        .deserializeClient<{ client_id: string }>(async (value) => (seen.push(value) ? CLIENT : null));
      chain.grant(grant.code(() => 'the code'));
      const { app } = authorizationServer({
        plug: code,
        authorization: () => chain.authorization((_id, uri) => [CLIENT, uri]),
        decision: () => chain.decision(),
      });
      assert.equal((await browser(app).allow())['code'], 'the code');
      assert.deepEqual(seen, [{ client_id: 'client' }]);
    });
  }

  it("none left: an error of the operator's", async () => {
    const chain = createServer<App, User>();
    chain.grant(grant.code(() => 'the code'));
    const { app, errors } = authorizationServer({
      plug: code,
      authorization: () => chain.authorization((_id, uri) => [CLIENT, uri]),
    });
    assert.equal(redirected(await browser(app).authorize())['error'], 'server_error');
    assert.match(errors[0]?.message ?? '', /^Failed to serialize client\. Register serialization function/);
  });

  it("no deserializer left: an error of the operator's, answered here", async () => {
    const chain = createServer<App, User>();
    chain.grant(grant.code(() => 'the code')).serializeClient(({ client_id }) => client_id);
    chain.deserializeClient(() => undefined);
    const { app, errors } = authorizationServer({
      plug: code,
      authorization: () => chain.authorization((_id, uri) => [CLIENT, uri]),
      decision: () => chain.decision(),
    });
    const { authorize, decide } = browser(app);
    const response = await decide((await authorize()).body.transactionID);
    assert.deepEqual([response.status, response.body], [500, { error: 'server_error' }]);
    assert.match(errors[0]?.message ?? '', /^Failed to deserialize client\. Register deserialization function/);
  });
});
