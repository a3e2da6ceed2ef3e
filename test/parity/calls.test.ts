/** Forms of calls that applications of oauth2orize use, beyond those of the other files. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import Koa from 'koa';
import {
  AuthorizationError,
  type AuthorizationRequest,
  createServer,
  type ErrorHandlerOptions,
  errorHandler,
  exchange,
  grant,
  type Server,
  type Transaction,
} from 'koauthorize';
import request from 'supertest';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  REQUEST,
  redirected,
  type Setup,
  tokenRequest,
  type User,
} from '../support/authorization-server.js';

describe('serializeClient and deserializeClient, called with anything but a function', () => {
  const server = () =>
    createServer<App, User>()
      .serializeClient(({ client_id }) => (client_id === 'other' ? undefined : client_id))
      .serializeClient(async ({ client_id }) => `second ${client_id}`)
      .deserializeClient((id) => (id === 'client' ? CLIENT : id === 'gone' ? null : undefined))
      .deserializeClient(async (id) => (id === 'later' ? CLIENT : undefined));

  it('give a promise of what is kept of the client, asking each function in turn', async () => {
    assert.equal(await server().serializeClient(CLIENT), 'client');
    assert.equal(await server().serializeClient({ ...CLIENT, client_id: 'other' }), 'second other');
  });

  it('give a promise of the client, and of false where it is gone', async () => {
    assert.equal(await server().deserializeClient('client'), CLIENT);
    assert.equal(await server().deserializeClient('later'), CLIENT);
    assert.equal(await server().deserializeClient('gone'), false);
  });

  it('reject where no function knows an answer', async () => {
    const none = createServer<App, User>();
    await assert.rejects(none.serializeClient(CLIENT), /Failed to serialize client\. Register/);
    await assert.rejects(none.deserializeClient('client'), /Failed to deserialize client\. Register/);
    await assert.rejects(server().deserializeClient('nobody'), /Failed to deserialize client\. Register/);
  });

  it('go on giving the server for a function', () => {
    const server = createServer<App, User>();
    assert.equal(
      server.serializeClient(() => 'x').deserializeClient(() => CLIENT),
      server,
    );
  });
});

const serverWith = (plug: (server: Server<App, User>) => unknown, setup: Setup = {}) =>
  authorizationServer({ plug: (server) => void plug(server), ...setup });

describe('everything for every type', () => {
  const echo: Middleware = async (ctx, next) => {
    const { grant_type } = ctx.request.body as { grant_type?: string };
    if (grant_type === 'passed') return next();
    ctx.body = { echo: grant_type };
  };
  for (const type of ['*', null]) {
    it(`server.exchange(${type}, fn) answers every grant type, and may pass`, async () => {
      const { app } = serverWith((server) => server.exchange(type, echo));
      assert.deepEqual((await tokenRequest(app, { grant_type: 'anything' }).expect(200)).body, { echo: 'anything' });
      assert.equal((await tokenRequest(app, { grant_type: 'passed' })).body.error, 'unsupported_grant_type');
    });

    it(`server.exchange(${type}, exchange) answers every grant type`, async () => {
      const { app } = serverWith((server) =>
        server.exchange(
          type,
          exchange.clientCredentials<App>(() => 'the token'),
        ),
      );
      const { body } = await tokenRequest(app, { grant_type: 'anything' }).expect(200);
      assert.equal(body.access_token, 'the token');
    });
  }

  it("grant('*') with a parser and a response alone answers every response type", async () => {
    const { app } = serverWith((server) =>
      server
        .grant('*', (ctx: Context) => ({ foo: ctx.query['foo'] }))
        .grant('*', 'response', (ctx) => {
          const { req } = ctx.state['oauth2'];
          ctx.body = { type: req.type, foo: req.foo };
        }),
    );
    const { authorize, decide } = browser(app);
    const { body } = await authorize({ response_type: 'anything', foo: 'bar' }).expect(200);
    const answer = await decide(body.transactionID).expect(200);
    assert.deepEqual(answer.body, { type: 'anything', foo: 'bar' });
  });

  it("grant('*') with a response that passes: the response type is unsupported", async () => {
    const { app } = serverWith((server) => server.grant('*', 'response', (_ctx, next) => next()));
    const { error, state } = await browser(app).allow({ response_type: 'anything' });
    assert.deepEqual([error, state], ['unsupported_response_type', 'a state']);
  });

  it("grant('*') with a parser alone: the response type is unsupported, and nobody is asked", async () => {
    const { app } = serverWith((server) => server.grant('*', () => ({ foo: 1 })));
    const { error } = redirected(await browser(app).authorize({ response_type: 'anything' }));
    assert.equal(error, 'unsupported_response_type');
  });
});

describe('errorHandler of a mode that it does not know', () => {
  for (const [what, make] of [
    ['on its own', errorHandler],
    ['of a server', (options: ErrorHandlerOptions) => createServer().errorHandler(options)],
  ] as const) {
    for (const left of [undefined, { redirectURI: CALLBACK, req: { type: 'code' } }]) {
      it(`passes the error on, ${what}, ${left ? 'with' : 'without'} a transaction`, async () => {
        const app = new Koa();
        const emitted: unknown[] = [];
        const passed: unknown[] = [];
        const fault = new AuthorizationError('Not this', 'invalid_scope');
        app.on('error', (error) => emitted.push(error));
        app.use((ctx, next) =>
          next().catch((error: unknown) => {
            passed.push(error);
            ctx.status = 599;
          }),
        );
        app.use(make({ mode: 'other' } as unknown as ErrorHandlerOptions)).use((ctx) => {
          if (left) ctx.state['oauth2'] = left;
          throw fault;
        });
        assert.equal((await request(app.callback()).get('/')).status, 599);
        assert.deepEqual([passed, emitted], [[fault], []]);
      });
    }
  }
});

describe('server.decision() and server.resume(), spread', () => {
  function spreading(between: Middleware, setup: Setup = {}) {
    return authorizationServer({
      ...setup,
      plug: (server) => server.grant(grant.code(() => 'the code')),
      routes(router, server) {
        const login: Middleware = (ctx, next) => {
          ctx.state['user'] = { id: 'alice', name: 'User alice' };
          return next();
        };
        const [loadDecision, decide] = server.decision() as Iterable<Middleware>;
        if (!loadDecision || !decide) throw new Error('There must be two');
        router.all('/spread', login, loadDecision, between, decide);
        router.post('/spread-whole', login, ...server.decision());
        router.post('/alone', login, ...server.decision({ loadTransaction: false }));
        router.get('/resumed', login, ...server.resume((txn: Transaction<App, User>) => txn.user?.id === 'alice'));
      },
    });
  }
  const pass: Middleware = (_ctx, next) => next();

  it('answer as one middleware does', async () => {
    const { app } = spreading(pass);
    for (const path of ['/spread', '/spread-whole', '/decision']) {
      const { agent, authorize } = browser(app);
      const { transactionID: transaction_id } = (await authorize()).body;
      const answer = await agent.post(path).set('X-User', 'alice').type('form').send({ transaction_id }).expect(303);
      assert.deepEqual(redirected(answer), { code: 'the code', state: 'a state' });
    }
    const { agent, authorize } = browser(app);
    const { transactionID: transaction_id } = (await authorize()).body;
    assert.equal(redirected(await agent.get('/resumed').query({ transaction_id }).expect(302))['code'], 'the code');
  });

  it('show the transaction to a middleware between the two', async () => {
    const seen: unknown[] = [];
    const { app } = spreading((ctx, next) => {
      const { client, req, transactionID } = ctx.state['oauth2'];
      seen.push(client.client_id, req.state, transactionID);
      return next();
    });
    const { agent, authorize } = browser(app);
    const { transactionID: transaction_id } = (await authorize()).body;
    await agent.post('/spread').type('form').send({ transaction_id }).expect(303);
    assert.deepEqual(seen, ['client', 'a state', transaction_id]);
  });

  it('leave the dialog to be answered again when the middleware between fails', async () => {
    let failing = true;
    const { app } = spreading((ctx, next) => (failing ? ctx.throw(503, 'Later') : next()));
    const { agent, authorize } = browser(app);
    const { transactionID: transaction_id } = (await authorize()).body;
    const failed = await agent.post('/spread').type('form').send({ transaction_id });
    assert.equal(failed.headers['location'], undefined);
    failing = false;
    const answer = await agent.post('/spread').type('form').send({ transaction_id }).expect(303);
    assert.equal(redirected(answer)['code'], 'the code');
  });

  it('take POST only, and a GET neither takes the dialog nor reaches the middleware between', async () => {
    const reached: string[] = [];
    const { app } = spreading((ctx, next) => (reached.push(ctx.method) ? next() : undefined));
    const { agent, authorize } = browser(app);
    const { transactionID: transaction_id } = (await authorize()).body;
    const refused = await agent.get('/spread').query({ transaction_id }).expect(405);
    assert.equal(refused.headers['location'], undefined);
    await agent.post('/spread').type('form').send({ transaction_id }).expect(303);
    assert.deepEqual(reached, ['POST']);
  });

  it('without the loader where the application loads the transaction: one middleware', async () => {
    const { server } = spreading(pass);
    assert.equal([...server.decision({ loadTransaction: false })].length, 1);
    assert.equal([...server.decision()].length, 2);
  });

  it('with a loader of the application, which is called once', async () => {
    let loads = 0;
    const loadTransaction: Middleware = async (ctx, next) => {
      loads++;
      ctx.state['oauth2'] = { client: CLIENT, redirectURI: CALLBACK, req: { type: 'code', clientID: 'client' } };
      await next();
    };
    const { app } = authorizationServer({
      session: false,
      plug: (server) => server.grant(grant.code(() => 'the code')),
      routes: (router, server) => router.post('/spread', ...server.decision({ loadTransaction })),
    });
    await request(app.callback()).post('/spread').type('form').send({}).expect(303);
    assert.equal(loads, 1);
  });
});

describe('server.resume(loadTransaction, immediate, complete)', () => {
  it('three functions: the first loads the transaction', async () => {
    const calls: string[] = [];
    const { app } = authorizationServer({
      session: false,
      plug: (server) => server.grant(grant.code(() => 'the code')),
      routes: (router, server) =>
        router.get(
          '/resumed',
          server.resume(
            async (ctx, next) => {
              calls.push('load');
              ctx.state['oauth2'] = {
                client: CLIENT,
                redirectURI: CALLBACK,
                req: { type: 'code', clientID: 'client' },
              };
              await next();
            },
            (_client, _user) => calls.push('immediate') > 0,
            () => void calls.push('complete'),
          ),
        ),
    });
    const answer = await request(app.callback()).get('/resumed').expect(302);
    assert.deepEqual([redirected(answer)['code'], calls], ['the code', ['load', 'immediate', 'complete']]);
  });
});

describe('a response mode by hand with a validate function', () => {
  it('is asked before anything is issued', async () => {
    let issued = 0;
    const message = Object.assign(
      (txn: Transaction<unknown>, response: { body: unknown }, params: object) => {
        response.body = { to: txn.webOrigin, ...params };
      },
      {
        validate({ webOrigin }: Transaction<unknown>) {
          if (!webOrigin) throw new AuthorizationError('No origin to send a message to', 'invalid_request');
        },
      },
    );
    const { app } = serverWith((server) =>
      server.grant(grant.code({ modes: { message } }, () => (++issued ? 'the code' : false))),
    );
    const { authorize, decide } = browser(app);
    const answer = await decide((await authorize({ response_mode: 'message' })).body.transactionID);
    assert.deepEqual([answer.body.error, issued], ['invalid_request', 0]);
  });
});

describe('validate', () => {
  it('of no declared parameter is given the whole request', async () => {
    let given: readonly unknown[] = [];
    const validate = (...args: readonly unknown[]) => {
      given = args;
      return [CLIENT, CALLBACK] as const;
    };
    assert.equal(validate.length, 0);
    const { app } = serverWith((server) => server.grant(grant.code(() => 'the code')), {
      authorization: (server) => server.authorization(validate as () => readonly [App, string]),
    });
    await browser(app).authorize().expect(200);
    assert.equal(given.length, 1);
    assert.deepEqual((given[0] as AuthorizationRequest).clientID, 'client');
  });

  it('of five declared parameters is given five, the request last', async () => {
    let given: readonly unknown[] = [];
    const { app } = serverWith((server) => server.grant(grant.code(() => 'the code')), {
      authorization: (server) =>
        server.authorization((id, uri, scope, type, areq) => {
          given = [id, uri, scope, type, areq.state];
          return [CLIENT, uri];
        }),
    });
    await browser(app).authorize().expect(200);
    assert.deepEqual(given, ['client', CALLBACK, ['read', 'write'], 'code', 'a state']);
  });
});

describe('validate that gives a client without a redirect URI', () => {
  interface Own {
    readonly id: string;
    readonly callbacks?: readonly string[];
  }

  function nowhere(plug: (server: Server<Own, User>) => void, client: Own = { id: 'own' }) {
    const server = createServer<Own, User>({ clientID: ({ id }) => id });
    plug(server.serializeClient(({ id }) => id).deserializeClient((id) => ({ ...client, id })));
    const app = new Koa();
    const errors: Error[] = [];
    const session = {};
    app.on('error', (error) => errors.push(error));
    app.use((ctx, next) => {
      ctx['session'] = session;
      return next();
    });
    app.use(server.errorHandler());
    const router = new Router();
    router.get(
      '/authorize',
      server.authorization((_id, _uri) => [client]),
      (ctx) => {
        ctx.body = { transactionID: ctx.state['oauth2'].transactionID };
      },
    );
    router.post('/decision', server.decision());
    app.use(router.routes());
    const { redirect_uri: _, ...asked } = REQUEST;
    return {
      errors,
      authorize: (more: object = {}) =>
        request(app.callback())
          .get('/authorize')
          .query({ ...asked, ...more }),
      decide: (transaction_id: string, more: object = {}) =>
        request(app.callback())
          .post('/decision')
          .type('form')
          .send({ transaction_id, ...more }),
    };
  }
  const byHand: Middleware = (ctx) => {
    const { client, res, redirectURI } = ctx.state['oauth2'];
    ctx.body = { client: client.id, allow: res.allow, redirectURI };
  };

  for (const [what, plug] of [
    ['of the type', (server: Server<Own, User>) => server.grant('code', 'response', byHand)],
    ['for all types', (server: Server<Own, User>) => server.grant('*', 'response', byHand)],
    [
      'of a module',
      (server: Server<Own, User>) =>
        server.grant(
          Object.assign(
            grant.code<Own, User>(() => 'the code'),
            { response: byHand },
          ),
        ),
    ],
  ] as const) {
    it(`is answered by a response by hand, ${what}`, async () => {
      const { authorize, decide } = nowhere(plug);
      for (const more of [{}, { redirect_uri: 'https://evil.example/' }]) {
        const { body } = await authorize(more).expect(200);
        const answer = await decide(body.transactionID).expect(200);
        assert.deepEqual(answer.body, { client: 'own', allow: true, redirectURI: '' });
      }
    });
  }

  it('has its errors answered here, once, and goes nowhere', async () => {
    const { authorize, decide, errors } = nowhere((server) =>
      server.grant('code', 'response', () => {
        throw new AuthorizationError('No such thing', 'invalid_scope');
      }),
    );
    const answer = await decide((await authorize()).body.transactionID);
    assert.deepEqual([answer.status, answer.headers['location']], [400, undefined]);
    assert.deepEqual(answer.body, { error: 'invalid_scope', error_description: 'No such thing' });
    assert.equal(errors.length, 1);
  });

  it('has its errors answered by an error handler by hand, where there is one', async () => {
    const { authorize, decide } = nowhere((server) =>
      server
        .grant('code', 'response', () => {
          throw new AuthorizationError('No such thing', 'invalid_scope');
        })
        .grant('code', 'error', (_error, ctx) => {
          ctx.status = 418;
        }),
    );
    await decide((await authorize()).body.transactionID).expect(418);
  });

  it('is an error at once where only a grant would answer, which redirects', async () => {
    const { authorize } = nowhere((server) => void server.grant(grant.code(() => 'the code')));
    const { status, body, headers } = await authorize({ redirect_uri: 'https://evil.example/' });
    assert.deepEqual([status, headers['location']], [400, undefined]);
    assert.equal(body.error_description, 'Missing redirect URI');
  });

  it('is an error, with nothing issued, where the response by hand passes to a grant', async () => {
    let issued = 0;
    const { authorize, decide } = nowhere((server) => {
      server.grant('*', 'response', (_ctx, next) => next());
      server.grant(grant.code(() => `code ${++issued}`));
    });
    const answer = await decide((await authorize()).body.transactionID);
    assert.deepEqual([answer.status, answer.headers['location'], issued], [400, undefined, 0]);
  });
});
