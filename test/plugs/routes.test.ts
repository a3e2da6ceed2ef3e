/** Endpoints of extensions: their routes, where they are, and who may call them. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { createServer, type Extension, exchange, metadata, type Route, type ServerOptions } from 'koauthorize';
import { clientOf, readPostedParams } from 'koauthorize/extending';
import request from 'supertest';
import { type App, authenticateClient, CLIENT, type User } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';

declare module 'koauthorize' {
  interface ServerMetadata {
    readonly mine_endpoint?: string;
    readonly second_endpoint?: string;
  }
}

const answering =
  (text: string): Middleware =>
  (ctx) => {
    ctx.body = text;
  };
const route = (more: Partial<Route> = {}): Route => ({
  path: '/mine',
  methods: ['GET'],
  handler: answering('mine'),
  ...more,
});
const plug = (routes: Record<string, Route>): Extension<App, User> => ({ name: 'mine', routes });

/** All endpoints for programs, on a router that stands at the prefix. */
function mounted(routes: Record<string, Route>, options: ServerOptions<App, User> = {}, prefix = '') {
  const server = createServer<App, User>({ issuer: 'https://as.example', ...(prefix && { prefix }), ...options });
  server
    .exchange(exchange.clientCredentials(() => 'token'))
    .extend(plug(routes))
    .extend(metadata());
  const router = new Router(prefix ? { prefix } : {});
  server.mount(router, { authenticateClient: authenticateClient([CLIENT]) });
  const app: Koa = new Koa();
  app.use(server.errorHandler());
  app.use(router.routes());
  if (prefix) app.use(new Router().get('/.well-known/oauth-authorization-server', server.route('metadata')).routes());
  app.silent = true;
  return request(app.callback());
}

const clientAsking =
  (server: { readonly core: Parameters<typeof clientOf>[0] }): Middleware =>
  async (ctx) => {
    const params = await readPostedParams(ctx, server.core.parameters);
    const { client } = clientOf(server.core, ctx, params, 'user');
    ctx.body = (client as App).client_id;
  };

describe('server.endpoint and server.route', () => {
  it('endpoint plugs in, and gives the middleware of the one route, named after it', () => {
    const server = createServer<App, User>();
    assert.equal(server.endpoint(plug({ mine: route() })).name, 'mine');
    assert.equal(server.core.extension('mine')?.name, 'mine');
  });

  it('endpoint of an extension that was plugged in, of one with several routes and of one without', () => {
    const server = createServer<App, User>();
    server.endpoint(plug({ mine: route() }));
    assert.throws(() => server.endpoint(plug({ mine: route() })), /An extension mine is plugged in already/);
    const second = { mine: route(), second: route() };
    assert.throws(() => createServer<App, User>().endpoint(plug(second)), /has 2 endpoints, not one/);
    assert.throws(() => createServer<App, User>().endpoint(plug({})), /has 0 endpoints, not one/);
  });

  it('route gives one of several by name, and says which there are', async () => {
    const server = createServer<App, User>().extend(
      plug({ mine: route(), second: route({ path: '/second', handler: answering('second') }) }),
    );
    assert.throws(() => server.route('third'), /No extension has an endpoint third: there are mine, second/);
    const app = new Koa().use(server.route('second'));
    assert.equal((await request(app.callback()).get('/').expect(200)).text, 'second');
  });
});

describe('an endpoint of an extension', () => {
  it('takes the methods that it says, and HEAD with GET', async () => {
    const agent = mounted({ mine: route(), second: route({ path: '/second', methods: ['POST', 'PUT'] }) });
    await agent.get('/mine').expect(200);
    await agent.head('/mine').expect(200);
    for (const [answer, allowed] of [
      [await agent.post('/mine'), 'GET'],
      [await agent.options('/mine'), 'GET'],
      [await agent.get('/second'), 'POST, PUT'],
    ] as const) {
      assertErrorHere(answer, 405, 'invalid_request');
      assert.equal(answer.headers['allow'], allowed);
    }
    await agent.put('/second').expect(200);
  });

  it('is behind client authentication where it says so, and not elsewhere', async () => {
    const seen: unknown[] = [];
    const handler: Middleware = (ctx) => {
      seen.push(ctx.state['oauth2']?.client?.client_id);
      ctx.body = 'seen';
    };
    const agent = mounted({
      mine: route({ handler, clientAuthenticated: true }),
      second: route({ path: '/second', handler }),
    });
    await agent.get('/mine').auth('client', 'client-secret').expect(200);
    await agent.get('/second').auth('client', 'client-secret').expect(200);
    assert.deepEqual(seen, ['client', undefined]);
  });

  it('answers a client that has not authenticated as the token endpoint does', async () => {
    const server = createServer<App, User>();
    const middleware = server.endpoint(
      plug({ mine: route({ methods: ['POST'], clientAuthenticated: true, handler: clientAsking(server as never) }) }),
    );
    const app = new Koa()
      .use(server.errorHandler())
      .use(authenticateClient([CLIENT]))
      .use(middleware);
    app.silent = true;
    const agent = request(app.callback());
    assert.equal((await agent.post('/').auth('client', 'client-secret').type('form').send({ a: 1 })).text, 'client');
    assertErrorHere(await agent.post('/').auth('client', 'wrong').type('form').send({ a: 1 }), 401, 'invalid_client');
  });

  it('lets scripts of other origins call it as it says', async () => {
    const routes = {
      mine: route(),
      second: route({ path: '/second', cors: 'allowed-origins', clientAuthenticated: true, methods: ['POST'] }),
      third: route({ path: '/third', cors: 'every-origin' }),
    };
    const agent = mounted(routes, { allowOrigins: ['https://spa.example'] });
    const preflight = (path: string, origin: string) =>
      agent.options(path).set({ Origin: origin, 'Access-Control-Request-Method': 'POST' });
    const [spa, evil] = ['https://spa.example', 'https://evil.example'];
    const allowed = async (path: string, origin: string) =>
      (await preflight(path, origin)).headers['access-control-allow-origin'];
    assert.deepEqual([await allowed('/mine', spa), await allowed('/mine', evil)], [undefined, undefined]);
    assert.deepEqual([await allowed('/second', spa), await allowed('/second', evil)], [spa, undefined]);
    assert.deepEqual([await allowed('/third', spa), await allowed('/third', evil)], ['*', '*']);
    const { headers } = await preflight('/second', spa).expect(204);
    assert.equal(headers['access-control-allow-methods'], 'POST');
    const none = mounted(routes);
    assertErrorHere(
      await none.options('/second').set({ Origin: spa, 'Access-Control-Request-Method': 'POST' }),
      405,
      'invalid_request',
    );
  });
});

describe('server.mount', () => {
  const document = async (agent: ReturnType<typeof mounted>) =>
    (await agent.get('/.well-known/oauth-authorization-server').expect(200)).body;

  it('puts the token endpoint and those of extensions where the metadata says', async () => {
    const agent = mounted({ mine: route({ listedAs: 'mine_endpoint' }), second: route({ path: '/second' }) });
    const { mine_endpoint, token_endpoint, second_endpoint } = await document(agent);
    assert.deepEqual(
      [mine_endpoint, token_endpoint, second_endpoint],
      ['https://as.example/mine', 'https://as.example/token', undefined],
    );
    await agent.get('/mine').expect(200);
    await agent.get('/second').expect(200);
    await agent
      .post('/token')
      .auth('client', 'client-secret')
      .type('form')
      .send({ grant_type: 'client_credentials' })
      .expect(200);
  });

  it('below the prefix, and where createServer({ endpoints }) says', async () => {
    const routes = { mine: route({ listedAs: 'mine_endpoint' }) };
    const endpoints = { token: '/tokens', mine: '/elsewhere' } as object;
    const agent = mounted(routes, { endpoints }, '/oauth');
    const { mine_endpoint, token_endpoint } = await document(agent);
    await agent.get('/oauth/.well-known/oauth-authorization-server').expect(404); // RFC 8414 §3: at the root of the host
    assert.deepEqual(
      [mine_endpoint, token_endpoint],
      ['https://as.example/oauth/elsewhere', 'https://as.example/oauth/tokens'],
    );
    await agent.get('/oauth/elsewhere').expect(200);
    await agent.get('/oauth/mine').expect(404);
    await agent.get('/elsewhere').expect(404);
  });

  it('throws for an endpoint that is a URL, which a router cannot mount', () => {
    for (const endpoints of [{ mine: 'https://other.example/mine' }, { token: 'https://other.example/token' }])
      assert.throws(
        () => mounted({ mine: route() }, { endpoints: endpoints as object }),
        /endpoint is at https:\/\/other/,
      );
  });
});
