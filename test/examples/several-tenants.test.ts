/** The recipe of docs/several-tenants.md, as it stands there: two tenants in one process and one store. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import Koa, { type Middleware } from 'koa';
import type { Client, Refusal } from 'koauthorize';
import type { TokenStore } from 'koauthorize/tokens';
import request from 'supertest';
import { pages, write } from '../readme/pages.js';
import { CALLBACK, CHALLENGE, VERIFIER } from '../support/authorization-server.js';
import { skipStore } from '../support/missing-server.js';
import { PLACES, type Place } from '../support/places.js';
import { recordingStore } from '../support/token-store.js';

interface Tenant {
  readonly name: string;
  readonly issuer: string;
  readonly clients: ReadonlyMap<string, Client & { readonly client_secret: string }>;
}

type NameOf = (ctx: Koa.Context) => string | undefined;
type Find = (name: string) => Promise<Tenant | undefined>;

interface Recipe {
  severalTenants(shared: object, find: Find, nameOf: NameOf, most?: number): Middleware & { close(): void };
  readonly byPath: NameOf;
  readonly byHost: NameOf;
}

let recipe: Recipe;

const closing: (() => void)[] = [];
/** Ends timers, which would else ask a store that is gone, and warn in the middle of the tests of other files. */
const closeAll = (): void => {
  for (const close of closing.splice(0)) close();
};

before(async () => {
  const page = pages().find(({ path }) => path === 'docs/several-tenants.md');
  const module = page?.modules.find(({ name }) => name === 'tenants');
  assert.ok(page && module, 'the page has the recipe');
  recipe = (await write('several-tenants', [page]).load(page, module)) as Recipe;
});

const SECRET = 'the same secret at every tenant';
const WEB = { client_id: 'web', client_secret: SECRET, redirect_uris: [CALLBACK] };

type Way = 'by path' | 'by host';
const issuerOf = (way: Way, name: string): string =>
  way === 'by path' ? `https://as.example/${name}` : `https://${name}.as.example`;

/** `X-User` logs in, and the session remembers it. */
const login: Middleware = (ctx, next) => {
  const session = ctx['session'] as { user?: string };
  if (ctx.get('X-User')) session.user = ctx.get('X-User');
  if (session.user) ctx.state['user'] = { id: session.user };
  return next();
};

const dialog: Middleware = (ctx) => {
  ctx.body = { transaction: ctx.state['oauth2'].transactionID, user: ctx.state['user'] ?? null };
};

interface Serving {
  readonly way: Way;
  readonly store: TokenStore;
  readonly most?: number;
  readonly names?: readonly string[];
}

function serve({ way, store, most, names = ['acme', 'globex'] }: Serving) {
  const kept = new Map<string, object>();
  const refusals: [tenant: string, refusal: Refusal][] = [];
  const found: string[] = [];
  const tenants = new Map<string, Tenant>(
    names.map((name) => [name, { name, issuer: issuerOf(way, name), clients: new Map([['web', WEB]]) }]),
  );
  const shared = {
    ...{ store, login, dialog, secret: 'a secret of the process, which nobody can guess' },
    findClient: async (tenant: string, id: string) => tenants.get(tenant)?.clients.get(id),
    sessions: (tenant: string) => ({
      get: async (key: string) => kept.get(`${tenant} ${key}`),
      set: async (key: string, value: object) => void kept.set(`${tenant} ${key}`, structuredClone(value)),
      destroy: async (key: string) => void kept.delete(`${tenant} ${key}`),
    }),
    told: (tenant: string, refusal: Refusal) => refusals.push([tenant, refusal]),
  };
  const find: Find = async (name) => {
    found.push(name);
    return tenants.get(name);
  };
  const app = new Koa();
  app.silent = true;
  const middleware = recipe.severalTenants(shared, find, way === 'by path' ? recipe.byPath : recipe.byHost, most);
  app.use(middleware);
  closing.push(() => middleware.close());
  return { callback: app.callback(), close: () => middleware.close(), refusals, found, tenants, kept };
}

type Served = ReturnType<typeof serve>;

/** A client of one tenant, and its user's browser. */
function visit({ callback }: Served, way: Way, name: string) {
  const host = way === 'by path' ? 'as.example' : `${name}.as.example`;
  const at = (path: string) => (way === 'by path' ? `/${name}${path}` : path);
  const cookies = new Map<string, string>();
  const send = async (method: 'get' | 'post', path: string, headers: object = {}, form?: object) => {
    const cookie = [...cookies].map(([key, value]) => `${key}=${value}`).join('; ');
    const test = request(callback)
      [method](path)
      .set({ Host: host, ...(cookie && { Cookie: cookie }), ...headers });
    const answer = await (form ? test.type('form').send(form) : test);
    for (const line of (answer.headers['set-cookie'] ?? []) as unknown as string[]) {
      const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(key, value);
    }
    return answer;
  };
  const basic = { Authorization: `Basic ${Buffer.from(`web:${encodeURIComponent(SECRET)}`).toString('base64')}` };
  const post = (path: string, form: object) => send('post', at(path), basic, form);
  const ask = { response_type: 'code', client_id: 'web', redirect_uri: CALLBACK };
  const proof = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };
  const authorize = (more: object = { ...ask, ...proof }, headers: object = { 'X-User': 'alice' }) =>
    send('get', `${at('/authorize')}?${new URLSearchParams({ ...more })}`, headers);
  const decide = (transaction_id: string) => send('post', at('/authorize/decision'), {}, { transaction_id });
  const code = async (): Promise<string> => {
    const { headers } = await decide((await authorize()).body.transaction);
    return new URL(headers['location'] ?? 'about:blank').searchParams.get('code') ?? '';
  };
  const redeem = (code: string) =>
    post('/token', { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER });
  const refresh = (refresh_token: string) => post('/token', { grant_type: 'refresh_token', refresh_token });
  const api = (token: string) => send('get', at('/api'), { Authorization: `Bearer ${token}` });
  const document = async () => {
    const place = '/.well-known/oauth-authorization-server';
    return (await send('get', way === 'by path' ? `${place}/${name}` : place)).body;
  };
  const push = () => post('/par', { ...ask, ...proof });
  const keys = async () => (await send('get', at('/jwks'))).body.keys as readonly { kid: string; x: string }[];
  return { cookies, post, authorize, decide, code, redeem, refresh, api, document, push, keys };
}

const DIRECTIONS = [
  ['acme', 'globex'],
  ['globex', 'acme'],
] as const;

for (const [place, start] of Object.entries(PLACES)) {
  for (const way of ['by path', 'by host'] as const) {
    describe(`several tenants ${way} on ${place}: codes, tokens and sessions of one tenant are refused at another`, function () {
      this.timeout(120_000);
      let opened: Place | undefined;
      let store: TokenStore;
      let served: Served;
      before(async function () {
        opened = await start({ clock: () => Date.now() / 1000 });
        if (!opened) return skipStore(this, place);
        store = opened.open();
        served = serve({ way, store });
      });
      after(async () => {
        closeAll();
        await store?.close();
        await opened?.remove();
      });

      for (const [one, other] of DIRECTIONS) {
        it(`a code of ${one}, which is not spent by it`, async () => {
          const [here, there] = [visit(served, way, one), visit(served, way, other)];
          const code = await here.code();
          assert.deepEqual((await there.redeem(code)).body.error, 'invalid_grant');
          assert.equal((await here.redeem(code)).status, 200);
        });

        it(`a refresh token of ${one}, which is not spent by it`, async () => {
          const [here, there] = [visit(served, way, one), visit(served, way, other)];
          const { refresh_token } = (await here.redeem(await here.code())).body;
          assert.deepEqual((await there.refresh(refresh_token)).body.error, 'invalid_grant');
          assert.equal((await here.refresh(refresh_token)).status, 200);
        });

        it(`an access token of ${one}: not at the API, not at introspection, and revocation does not end it`, async () => {
          const [here, there] = [visit(served, way, one), visit(served, way, other)];
          const { access_token, refresh_token } = (await here.redeem(await here.code())).body;
          assert.deepEqual((await here.api(access_token)).body, { tenant: one, user: 'alice' });
          assert.equal((await there.api(access_token)).status, 401);
          for (const token of [access_token, refresh_token]) {
            assert.deepEqual((await there.post('/introspect', { token })).body, { active: false });
            assert.equal((await there.post('/revoke', { token })).status, 200);
            assert.equal((await here.post('/introspect', { token })).body.active, true);
          }
          assert.equal((await here.api(access_token)).status, 200);
          assert.equal((await here.refresh(refresh_token)).status, 200);
        });

        it(`a request that was pushed to ${one}`, async () => {
          const [here, there] = [visit(served, way, one), visit(served, way, other)];
          const { request_uri } = (await here.push()).body;
          const refused = await there.authorize({ client_id: 'web', request_uri });
          assert.deepEqual([refused.status, refused.body.error], [400, 'invalid_request_uri']);
          assert.ok((await here.authorize({ client_id: 'web', request_uri })).body.transaction);
        });

        it(`a dialog and a session of ${one}, with all of its cookies under either name`, async () => {
          const [here, there] = [visit(served, way, one), visit(served, way, other)];
          const { transaction } = (await here.authorize()).body;
          for (const [name, value] of here.cookies)
            for (const as of [name, name.replace(one, other)]) there.cookies.set(as, value);
          const refused = await there.decide(transaction);
          assert.deepEqual([refused.status, refused.body.error], [403, 'access_denied']);
          const shown = await there.authorize(undefined, {});
          assert.equal(shown.body.user, null, 'nobody is logged in there');
          assert.equal((await here.decide(transaction)).status, 303);
        });
      }

      it('issuer, endpoints and keys: each has its own', async () => {
        const documents = await Promise.all(['acme', 'globex'].map((name) => visit(served, way, name).document()));
        const keys = await Promise.all(['acme', 'globex'].map((name) => visit(served, way, name).keys()));
        assert.deepEqual(
          documents.map(({ issuer, token_endpoint }) => [issuer, token_endpoint]),
          ['acme', 'globex'].map((name) => [issuerOf(way, name), `${issuerOf(way, name)}/token`]),
        );
        const [mine = [], others = []] = keys;
        assert.ok(mine.length > 0 && others.length > 0);
        for (const { kid, x } of mine) assert.ok(!others.some((other) => other.kid === kid || other.x === x));
      });
    });
  }
}

describe('several tenants', () => {
  afterEach(closeAll);

  for (const way of ['by path', 'by host'] as const) {
    it(`${way}: an unknown tenant gets 404, and nothing is created`, async () => {
      const { store, calls } = recordingStore();
      const served = serve({ way, store });
      for (const name of [
        'initech',
        'constructor',
        '__proto__',
        'acme%2f..',
        'ACME',
        'acme.evil',
        '..',
        'a'.repeat(5000),
      ]) {
        const host = way === 'by path' ? 'as.example' : `${name}.as.example`;
        const path = way === 'by path' ? `/${name}/authorize` : '/authorize';
        const { status, text } = await request(served.callback).get(path).set('Host', host);
        assert.deepEqual([status, text], [404, 'Not Found'], name);
      }
      assert.equal(calls.length, 0, 'the store was asked nothing');
      assert.equal(served.kept.size, 0);
    });
  }

  it('at their first requests at once, one server is made', async () => {
    const { store, calls } = recordingStore();
    const served = serve({ way: 'by path', store });
    const sets = await Promise.all(Array.from({ length: 20 }, () => visit(served, 'by path', 'acme').keys()));
    assert.equal(new Set(sets.map((keys) => JSON.stringify(keys))).size, 1);
    const begun = calls.length;
    await visit(served, 'by path', 'acme').keys();
    assert.equal(calls.length, begun, 'the keys are not read again');
  });

  it('are kept up to a bound; one that was dropped is made again, and its tokens go on', async () => {
    const { store, calls } = recordingStore();
    const served = serve({ way: 'by path', store, most: 1 });
    const acme = visit(served, 'by path', 'acme');
    const { access_token, refresh_token } = (await acme.redeem(await acme.code())).body;
    const keys = await acme.keys();
    for (let round = 0; round < 3; round += 1) {
      await visit(served, 'by path', 'globex').keys();
      const before = calls.length;
      assert.deepEqual(await acme.keys(), keys, 'the same keys');
      assert.ok(calls.length > before, 'which were read from the store again');
    }
    assert.equal((await acme.api(access_token)).status, 200);
    assert.equal((await acme.refresh(refresh_token)).status, 200);
  });

  it('have no timer any more that were dropped, or closed', async () => {
    const [start, end] = [mock.method(globalThis, 'setInterval'), mock.method(globalThis, 'clearInterval')];
    try {
      const served = serve({ way: 'by path', store: recordingStore().store, most: 1 });
      const running = (): number => start.mock.callCount() - end.mock.callCount();
      await visit(served, 'by path', 'acme').keys();
      assert.equal(running(), 1);
      await visit(served, 'by path', 'globex').keys();
      assert.equal(running(), 1, 'the one of acme has ended');
      served.close();
      await setImmediate();
      assert.equal(running(), 0);
    } finally {
      mock.restoreAll();
    }
  });

  it('a dialog goes on though its tenant was dropped while it was open', async () => {
    const { store } = recordingStore();
    const served = serve({ way: 'by path', store, most: 1 });
    const acme = visit(served, 'by path', 'acme');
    const { transaction } = (await acme.authorize()).body;
    await visit(served, 'by path', 'globex').keys();
    assert.equal((await acme.decide(transaction)).status, 303);
  });

  it('one that was removed from the table is gone at once', async () => {
    const { store } = recordingStore();
    const served = serve({ way: 'by path', store });
    const acme = visit(served, 'by path', 'acme');
    assert.ok((await acme.keys()).length > 0);
    served.tenants.delete('acme');
    assert.equal((await acme.authorize()).status, 404);
  });

  it('a removed client is refused at once, and a new issuer gets a new server', async () => {
    const { store } = recordingStore();
    const served = serve({ way: 'by path', store });
    const acme = visit(served, 'by path', 'acme');
    const { refresh_token } = (await acme.redeem(await acme.code())).body;
    const issuer = 'https://other.example/acme';
    served.tenants.set('acme', { name: 'acme', issuer, clients: new Map() });
    const refused = await acme.refresh(refresh_token);
    assert.deepEqual([refused.status, refused.body.error], [401, 'invalid_client']);
    assert.equal((await acme.document()).issuer, issuer);
  });

  it('behind a proxy that ends TLS, the session cookie is sent over https alone', async () => {
    const { store } = recordingStore();
    const served = serve({ way: 'by host', store });
    const { headers } = await visit(served, 'by host', 'acme').authorize(undefined, {
      'X-User': 'alice',
      'X-Forwarded-Proto': 'https',
    });
    const set = headers['set-cookie'] as unknown as string[];
    assert.ok(set.length > 0);
    for (const cookie of set) assert.match(cookie, /; secure/i);
  });

  it('a request target that cannot be read is 400, not 500', async () => {
    const { store } = recordingStore();
    const { callback } = serve({ way: 'by path', store });
    const http = createServer(callback).listen(0, '127.0.0.1');
    await once(http, 'listening');
    try {
      const socket = connect((http.address() as AddressInfo).port, '127.0.0.1');
      socket.end('GET http://[::1/acme/authorize HTTP/1.1\r\nHost: as.example\r\nConnection: close\r\n\r\n');
      const [answer] = await once(socket.setEncoding('utf8'), 'data');
      assert.match(answer, /^HTTP\/1\.1 400 /);
    } finally {
      http.close();
    }
  });

  it('a refusal has the name of its tenant', async () => {
    const { store } = recordingStore();
    const served = serve({ way: 'by host', store });
    await visit(served, 'by host', 'globex').redeem('a-guess');
    assert.deepEqual(
      served.refusals.map(([tenant, { rule, endpoint }]) => [tenant, rule, endpoint]),
      [['globex', 'code-invalid', 'token']],
    );
  });
});
