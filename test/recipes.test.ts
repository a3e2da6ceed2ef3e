/** Recipes of docs/recipes.md that need more than an application: a database, or a second server. test/readme.test.ts runs the others. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  createServer as createHTTPServer,
  type Server as HTTPServer,
  type IncomingMessage,
  request as send,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import Koa from 'koa';
import { createServer, exchange, grant, pkce } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import { bearer } from 'koauthorize/resource-server';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import * as oauth from 'oauth4webapi';
import { createClient } from 'redis';
import request from 'supertest';
import { sessionStore } from '../examples/quickstart/data.js';
import { recipe } from './readme/recipe.js';
import { freePort } from './support/free-port.js';
import { skipStore } from './support/missing-server.js';
import { type Redis, startRedis } from './support/redis.js';

const listening = (http: HTTPServer): Promise<string> =>
  new Promise((resolve) => {
    http.listen(0, () => resolve(`http://localhost:${(http.address() as AddressInfo).port}`));
  });

describe('koa-session on Redis', () => {
  let redis: Redis;
  before(async function () {
    const started = await startRedis(await freePort());
    if (started) redis = started;
    else skipStore(this, 'Redis');
  });
  after(() => redis?.remove());

  it('a session on Redis lasts from request to request, and ends with destroy', async () => {
    const koa = new Koa();
    koa.keys = ['a key'];
    const [url = ''] = redis.urls;
    const { close } = await (await recipe('redis-session', 'redisSessions'))(koa, url);
    koa.use((ctx) => {
      const { session } = ctx as unknown as { session: { seen?: number } | null };
      if (ctx.path === '/logout') Object.assign(ctx, { session: null });
      else if (session) session.seen = (session.seen ?? 0) + 1;
      ctx.body = `${session?.seen}`;
    });
    const agent = request.agent(koa.callback());
    const first = await agent.get('/');
    assert.equal((await agent.get('/')).text, '2');
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    const key = cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf(';'));
    const client = await createClient({ url }).connect();
    const stored = await client.keys('*');
    assert.equal(stored.length, 1);
    assert.ok(key.length > 20 && !stored[0]?.includes(key), 'Redis has only the hash of what the cookie has');
    await agent.get('/logout');
    assert.deepEqual(await client.keys('*'), []);
    await Promise.all([client.close(), close()]);
  });
});

describe('a backend for a frontend', () => {
  const [as, bff] = [createHTTPServer(), createHTTPServer()];
  let issuer: string;
  let home: string;
  const handed: string[] = [];

  before(async () => {
    [issuer, home] = await Promise.all([listening(as), listening(bff)]);
    const redirectURI = `${home}/callback`;
    const app = { client_id: 'bff', client_secret: 'a secret', redirect_uris: [redirectURI] };
    const tokens = tokenService<typeof app, { id: string }>({ store: memoryStore() });
    const server = createServer<typeof app, { id: string }>({
      issuer,
      tokens,
      clients: { find: (id) => (id === app.client_id ? app : null) },
    });
    server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)).extend(pkce());
    const router = new Router();
    const login: Koa.Middleware = (ctx, next) => {
      ctx.state['user'] = { id: 'alice' };
      return next();
    };
    router.get('/authorize', login, server.authorization({ immediate: () => true }));
    const note: Koa.Middleware = async (ctx, next) => {
      await next();
      const { access_token, refresh_token } = JSON.parse(String(ctx.body));
      handed.push(access_token, refresh_token);
    };
    router.post('/token', note, clientAuthentication({ server, methods: [clientSecretBasic()] }), server.token());
    router.get('/v1/me', bearer({ verify: tokens.verify }), (ctx) => {
      ctx.body = { user: ctx.state['token'].subject };
    });
    router.get(['/', '/v1/', '/beside'], bearer({ verify: tokens.verify }), (ctx) => {
      ctx.body = 'not for the frontend';
    });
    as.on('request', new Koa().use(server.errorHandler()).use(router.routes()).callback());
    const metadata = { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` };
    const options = { [oauth.allowInsecureRequests]: true };
    const made = {
      server: metadata,
      secret: 'a secret',
      redirectURI,
      api: `${issuer}/v1/`,
      sessions: sessionStore(),
      options,
    };
    bff.on('request', (await recipe('bff', 'backend'))(made).callback());
  });
  after(() => {
    for (const http of [as, bff]) http.close();
  });

  it('the browser of a backend for a frontend never has a token, and calls the API', async () => {
    const agent = request.agent(home);
    const asked = await agent.get('/login');
    const allowed = await fetch(asked.headers['location'] ?? '', { redirect: 'manual' });
    const back = new URL(allowed.headers.get('location') ?? '');
    const returned = await agent.get(`${back.pathname}${back.search}`);
    assert.equal(returned.headers['location'], '/', returned.text);
    const called = await agent.get('/api/me').set('X-Requested-By', 'frontend');
    assert.deepEqual([called.status, JSON.parse(called.text)], [200, { user: 'alice' }]);
    const answers = [asked, returned, called];
    const cookies = answers.flatMap(({ headers }) => headers['set-cookie'] ?? []).map((each) => String(each));
    const inCookies = cookies.map((each) => Buffer.from(each.slice(each.indexOf('=') + 1), 'base64').toString());
    const seen = JSON.stringify([inCookies, answers.map(({ headers, text }) => [headers, text])]);
    assert.equal(handed.filter((token) => token?.length > 20).length, 2, 'the server gave both');
    for (const token of handed) assert.ok(!seen.includes(token));
    assert.equal((await agent.get('/api/me')).status, 401, 'a form of another site cannot send the header');
    assert.equal((await request(home).get('/api/me').set('X-Requested-By', 'frontend')).status, 401);
  });

  /** Where the server sends the browser back to. */
  async function answerTo(asked: request.Response): Promise<string> {
    const allowed = await fetch(asked.headers['location'] ?? '', { redirect: 'manual' });
    const back = new URL(allowed.headers.get('location') ?? '');
    return `${back.pathname}${back.search}`;
  }
  const cookieOf = ({ headers }: request.Response): string =>
    [headers['set-cookie'] ?? []]
      .flat()
      .map((each) => String(each).split(';', 1)[0])
      .join('; ');
  const frontend = { 'X-Requested-By': 'frontend' };

  it('whoever planted the cookie of a session is not logged in with its user', async () => {
    const planted = await request(home).get('/login');
    const cookie = cookieOf(planted);
    const returned = await request(home)
      .get(await answerTo(planted))
      .set('Cookie', cookie);
    assert.equal(returned.headers['location'], '/', returned.text);
    assert.equal(
      (
        await request(home)
          .get('/api/me')
          .set({ ...frontend, Cookie: cookie })
      ).status,
      401,
    );
    assert.equal(
      (
        await request(home)
          .get('/api/me')
          .set({ ...frontend, Cookie: cookieOf(returned) })
      ).status,
      200,
    );
  });

  it('the frontend gets at what is named, and at nothing beside it', async () => {
    const asked = await request(home).get('/login');
    const back = await answerTo(asked);
    const returned = await request(home).get(back).set('Cookie', cookieOf(asked));
    /** Sends the path as it is: clients that know URLs make `..` of `%2e%2e` themselves. */
    const statusOf = async (path: string): Promise<number | undefined> => {
      const { port } = new URL(home);
      const sent = send({ host: 'localhost', port, path, headers: { ...frontend, Cookie: cookieOf(returned) } }).end();
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      answer.resume();
      return answer.statusCode;
    };
    assert.equal(await statusOf('/api/me'), 200);
    for (const path of ['/api/%2e%2e', '/api/%2e', '/api/%2e%2e%2fbeside', '/api/me%3fx', '/api/%2f%2fas.example'])
      assert.equal(await statusOf(path), 404, path);
  });

  it('an answer that nobody asked for is 400', async () => {
    const agent = request.agent(home);
    assert.equal((await agent.get('/callback?code=x&state=y')).status, 400, 'nobody has begun');
    await agent.get('/login');
    assert.equal((await agent.get(`/callback?code=x&state=y&iss=${issuer}`)).status, 400, 'another state');
    assert.equal((await agent.get(`/callback?code=x&state=&iss=${issuer}`)).status, 400, 'it was answered');
  });
});
