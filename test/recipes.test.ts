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
import { text } from 'node:stream/consumers';
import Router from '@koa/router';
import Koa from 'koa';
import { createServer, exchange, grant, pkce, revocation } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import { bearer } from 'koauthorize/resource-server';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import * as oauth from 'oauth4webapi';
import { Pool } from 'pg';
import { createClient } from 'redis';
import request from 'supertest';
import { sessionStore } from '../examples/quickstart/data.js';
import { recipe } from './readme/recipe.js';
import { freePort } from './support/free-port.js';
import { skipStore } from './support/missing-server.js';
import { type Postgres, startPostgres } from './support/postgres.js';
import { type Redis, startRedis } from './support/redis.js';

const listening = (http: HTTPServer): Promise<string> =>
  new Promise((resolve) => {
    http.listen(0, () => resolve(`http://localhost:${(http.address() as AddressInfo).port}`));
  });

/** A browser that came twice to an application that counts, and the key of its session. */
async function visitedTwice(koa: Koa) {
  const agent = request.agent(koa.callback());
  const first = await agent.get('/');
  assert.equal((await agent.get('/')).text, '2');
  const [cookie = ''] = first.headers['set-cookie'] ?? [];
  return { agent, key: cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf(';')) };
}

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
    const { agent, key } = await visitedTwice(koa);
    const client = await createClient({ url }).connect();
    const stored = await client.keys('*');
    assert.equal(stored.length, 1);
    assert.ok(key.length > 20 && !stored[0]?.includes(key), 'Redis has only the hash of what the cookie has');
    await agent.get('/logout');
    assert.deepEqual(await client.keys('*'), []);
    await Promise.all([client.close(), close()]);
  });
});

describe('koa-session on PostgreSQL', () => {
  let postgres: Postgres;
  let pool: Pool;
  before(async function () {
    this.timeout(60_000);
    const started = await startPostgres();
    if (!started) return skipStore(this, 'PostgreSQL');
    postgres = started;
    pool = new Pool(postgres.config);
    await pool.query('CREATE TABLE sessions (key text PRIMARY KEY, value json NOT NULL, ends_at timestamptz NOT NULL)');
  });
  after(async () => {
    await pool?.query('DROP TABLE sessions');
    await pool?.end();
    await postgres?.remove();
  });
  const rows = async () => (await pool.query('SELECT key, value FROM sessions')).rows;

  it('a session on PostgreSQL lasts from request to request, is over when its time has come, and ends with destroy', async () => {
    const koa = new Koa();
    koa.keys = ['a key'];
    const { close } = (await recipe('postgres-session', 'postgresSessions'))(koa, pool);
    koa.use((ctx) => {
      const { session } = ctx as unknown as { session: { seen?: number; text?: string } | null };
      if (ctx.path === '/logout') Object.assign(ctx, { session: null });
      else if (session) Object.assign(session, { seen: (session.seen ?? 0) + 1, text: '\0' });
      ctx.body = `${session?.seen}`;
    });
    const { agent, key } = await visitedTwice(koa);
    const [stored, ...more] = await rows();
    assert.equal(more.length, 0);
    assert.ok(key.length > 20 && !JSON.stringify(stored).includes(key), 'the row has only the hash');
    await agent.get('/logout');
    assert.deepEqual(await rows(), []);
    await agent.get('/');
    await pool.query('UPDATE sessions SET ends_at = now()');
    assert.equal((await agent.get('/')).text, '1', 'another session');
    close();
  });
});

describe('a backend for a frontend', () => {
  const [as, bff] = [createHTTPServer(), createHTTPServer()];
  let issuer: string;
  let home: string;
  const handed: string[] = [];
  let time = 1_800_000_000;
  const now = (): number => time;
  /** How often the backend came with a refresh token, and what its next answer waits for. */
  let refreshes = 0;
  let held: Promise<void> = Promise.resolve();
  let isBusy = false;
  /** What a request reads that has read the session a moment ago. */
  let readBefore: object | undefined;
  const kept = sessionStore();
  const keys = new Set<string>();
  const sessions = {
    ...kept,
    get: async (key: string) => readBefore ?? kept.get(key),
    set(key: string, value: object, maxAge: number, request: object) {
      keys.delete(key);
      keys.add(key);
      return kept.set(key, value, maxAge, request);
    },
  };

  before(async () => {
    [issuer, home] = await Promise.all([listening(as), listening(bff)]);
    const redirectURI = `${home}/callback`;
    const app = { client_id: 'bff', client_secret: 'a secret', redirect_uris: [redirectURI] };
    const tokens = tokenService<typeof app, { id: string }>({ store: memoryStore(), grace: 0 });
    const server = createServer<typeof app, { id: string }>({
      issuer,
      tokens,
      now,
      clients: { find: (id) => (id === app.client_id ? app : null) },
    });
    server
      .grant(grant.code(tokens.code))
      .exchange(exchange.code(tokens.code))
      .exchange(exchange.refreshToken(tokens.refreshToken))
      .extend(pkce(), revocation(tokens.revoke));
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
      if (!(ctx.state['oauth2Form'] ?? '').includes('refresh_token')) return;
      refreshes += 1;
      await held;
    };
    const form: Koa.Middleware = async (ctx, next) => {
      if (isBusy) {
        ctx.status = 429;
        ctx.body = { error: 'temporarily_unavailable' };
        return;
      }
      const body = await text(ctx.req);
      ctx.state['oauth2Form'] = body;
      Object.assign(ctx.request, { body: Object.fromEntries(new URLSearchParams(body)) });
      await next();
    };
    const client = clientAuthentication({ server, methods: [clientSecretBasic()] });
    router.post('/token', form, note, client, server.token());
    router.post('/revoke', client, server.route('revocation'));
    const token = bearer({ verify: tokens.verify, now });
    router.get('/v1/me', token, (ctx) => {
      ctx.body = { user: ctx.state['token'].subject };
    });
    router.get(['/', '/v1/', '/beside'], token, (ctx) => {
      ctx.body = 'not for the frontend';
    });
    const provider = new Koa().use(server.errorHandler()).use(router.routes());
    provider.silent = true;
    as.on('request', provider.callback());
    const made = {
      server: {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        revocation_endpoint: `${issuer}/revoke`,
      },
      client: { client_id: 'bff' },
      authenticate: oauth.ClientSecretBasic('a secret'),
      redirectURI,
      api: `${issuer}/v1/`,
      keys: ['a key'],
      sessions,
      now,
      options: { [oauth.allowInsecureRequests]: true },
    };
    const koa = (await recipe('bff', 'backend'))(made);
    koa.silent = true;
    bff.on('request', koa.callback());
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

  /** A browser in which alice has logged in. */
  async function loggedIn(): Promise<ReturnType<typeof request.agent>> {
    const agent = request.agent(home);
    const returned = await agent.get(await answerTo(await agent.get('/login')));
    assert.equal(returned.headers['location'], '/', returned.text);
    return agent;
  }
  const me = (agent: ReturnType<typeof request.agent>) => agent.get('/api/me').set(frontend);

  it('an access token that has ended is refreshed, again and again, and the browser has none of them', async () => {
    const agent = await loggedIn();
    for (let hour = 1; hour <= 3; hour++) {
      time += 3600;
      const called = await me(agent);
      assert.equal(called.status, 200, called.text);
      const seen = JSON.stringify([called.headers, called.text]);
      for (const token of handed) assert.ok(!seen.includes(token));
    }
  });

  it('requests of one session that find the token too old wait for one refresh, and share it', async () => {
    const agent = await loggedIn();
    const [key = ''] = [...keys].slice(-1);
    const before = await kept.get(key);
    refreshes = 0;
    time += 3600;
    const answers = await Promise.all(Array.from({ length: 5 }, () => me(agent)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 200],
    );
    readBefore = before;
    const late = await me(agent);
    readBefore = undefined;
    assert.equal(late.status, 200, 'it has read the session before the new tokens were in it');
    assert.equal(refreshes, 1);
    assert.equal((await me(agent)).status, 200);
  });

  it('a session whose refresh token was revoked is over, and one whose server has too much to do for a moment is not', async () => {
    const agent = await loggedIn();
    time += 3600;
    isBusy = true;
    assert.equal((await me(agent)).status, 500);
    isBusy = false;
    assert.equal((await me(agent)).status, 200);
    time += 3600;
    await fetch(`${issuer}/revoke`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa('bff:a secret')}` },
      body: new URLSearchParams({ token: handed.at(-1) ?? '' }),
    });
    const over = await me(agent);
    assert.equal(over.status, 401);
    assert.match(String(over.headers['set-cookie']), /expires=Thu, 01 Jan 1970/i);
  });

  it('a logout revokes the tokens, and no other site can send it', async () => {
    const agent = await loggedIn();
    const [access = '', refresh = ''] = handed.slice(-2);
    const cookie = { Cookie: cookieOf(await me(agent)) };
    assert.equal((await agent.post('/logout')).status, 403);
    assert.equal((await me(agent)).status, 200);
    assert.equal((await agent.post('/logout').set(frontend)).status, 204);
    assert.equal((await me(agent)).status, 401);
    assert.equal(
      (await request(home).get('/api/me').set(frontend).set(cookie)).status,
      401,
      'its cookie is worth nothing',
    );
    await assertDead(access, refresh);
  });

  it('also those that a refresh at the same moment has brought are revoked by a logout', async () => {
    const agent = await loggedIn();
    time += 3600;
    let release = (): void => {};
    held = new Promise((resolve) => {
      release = resolve;
    });
    refreshes = 0;
    const refreshing = me(agent).then((answer) => answer); // supertest sends when it is awaited
    while (refreshes === 0) await new Promise(setImmediate);
    assert.equal((await agent.post('/logout').set(frontend)).status, 204);
    release();
    assert.equal((await refreshing).status, 401);
    const [access = '', refresh = ''] = handed.slice(-2);
    await assertDead(access, refresh);
  });

  async function assertDead(access: string, refresh: string): Promise<void> {
    const called = await fetch(`${issuer}/v1/me`, { headers: { Authorization: `Bearer ${access}` } });
    assert.equal(called.status, 401);
    const again = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa('bff:a secret')}` },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refresh }),
    });
    assert.equal(again.status, 400);
  }
});
