/** RFC 7662: OAuth 2.0 Token Introspection. */
import assert from 'node:assert/strict';
import { type Introspect, introspection } from 'koauthorize';
import request from 'supertest';
import { type App, authenticateClient, authorizationServer, CLIENT, OTHER } from '../support/authorization-server.js';
import { BODY_PARSERS } from '../support/body-parsers.js';
import { assertErrorHere, assertInvalidClient, assertNoStore } from '../support/form.js';
import { thenable } from '../support/thenable.js';
import { API, tokenServer, WORKER } from '../support/token-server.js';

const INACTIVE = { active: false };

describe('RFC 7662: introspection', () => {
  describe('§2.2: a client is told of its own', () => {
    it('access token', async () => {
      const { connect, introspect, clock } = tokenServer();
      const { access_token } = await connect();
      const response = await introspect(access_token);
      assert.equal(response.status, 200);
      assertNoStore(response);
      assert.match(response.headers['content-type'] ?? '', /^application\/json/);
      assert.deepEqual(response.body, {
        active: true,
        client_id: 'client',
        sub: 'alice',
        scope: 'read write',
        token_type: 'Bearer',
        iat: clock.now,
        exp: clock.now + 3600,
      });
    });

    it('refresh token, which has no token_type: it is none to present to an API', async () => {
      const { connect, introspect, clock } = tokenServer();
      const exp = clock.now + 30 * 24 * 60 * 60;
      const { body } = await introspect((await connect()).refresh_token);
      assert.deepEqual(body, { active: true, client_id: 'client', sub: 'alice', exp });
    });

    it('narrowed access token, with the scope that it has', async () => {
      const { connect, refresh, introspect } = tokenServer();
      const { body } = await refresh((await connect()).refresh_token, { scope: 'write' });
      assert.equal((await introspect(body.access_token)).body.scope, 'write');
    });

    it('token without a scope, with none', async () => {
      const { authorize, redeem, introspect } = tokenServer();
      const { body } = await redeem(await authorize({ scope: undefined })).expect(200);
      assert.equal('scope' in (await introspect(body.access_token)).body, false);
    });
  });

  describe('§2.1, §4: who is told', () => {
    const rows: readonly [who: string, client: App, kind: 'access_token' | 'refresh_token', told: boolean][] = [
      ['its client, of an access token', CLIENT, 'access_token', true],
      ['its client, of a refresh token', CLIENT, 'refresh_token', true],
      ['another client, of an access token', OTHER, 'access_token', false],
      ['another client, of a refresh token', OTHER, 'refresh_token', false],
      ['a client that acts for itself, of an access token', WORKER, 'access_token', false],
      ['an API, of an access token', API, 'access_token', true],
      ['an API, of a refresh token, which it would take for an access token', API, 'refresh_token', false],
    ];
    for (const [who, client, kind, told] of rows) {
      it(`${who}: ${told}`, async () => {
        const { connect, introspect } = tokenServer();
        const { body } = await introspect((await connect())[kind], client).expect(200);
        if (told) assert.deepEqual([body.active, body.client_id, body.sub], [true, 'client', 'alice']);
        else assert.deepEqual(body, INACTIVE);
      });
    }

    it('without the option resourceServer each client is told only of its own', async () => {
      const { connect, introspect, isActive } = tokenServer({ introspection: { resourceServer: () => false } });
      const { access_token } = await connect();
      assert.deepEqual((await introspect(access_token, API)).body, INACTIVE);
      assert.equal(await isActive(access_token), true);
    });

    it('an API that is known as one by a promise, or by whatever can be awaited', async () => {
      const isAPI = (client: App) => client.client_id === API.client_id;
      for (const resourceServer of [async (client: App) => isAPI(client), (client: App) => thenable(isAPI(client))]) {
        const { connect, introspect } = tokenServer({ introspection: { resourceServer } });
        const { access_token } = await connect();
        assert.equal((await introspect(access_token, API)).body.active, true);
        assert.deepEqual((await introspect(access_token, OTHER)).body, INACTIVE);
      }
    });

    it('in the same process, without a client, of access tokens', async () => {
      const { connect, tokens } = tokenServer();
      const { access_token, refresh_token } = await connect();
      assert.equal((await tokens.introspect(access_token)).active, true);
      assert.deepEqual(await tokens.introspect(refresh_token), INACTIVE);
      assert.equal((await tokens.introspect(refresh_token, CLIENT)).active, true);
    });
  });

  describe('§2.2: inactive, and nothing else, is', () => {
    const user = { id: 'alice', name: '' };
    type Make = (server: ReturnType<typeof tokenServer>) => Promise<string>;
    const rows: readonly [what: string, make: Make][] = [
      ['what nobody handed out', async () => 'made-up'],
      ['a code', (server) => server.authorize()],
      [
        'a spent code',
        async ({ authorize, redeem }) => {
          const code = await authorize();
          await redeem(code).expect(200);
          return code;
        },
      ],
      [
        'a spent refresh token',
        async ({ connect, refresh }) => {
          const { refresh_token } = await connect();
          await refresh(refresh_token).expect(200);
          return refresh_token;
        },
      ],
      [
        'an expired access token',
        async ({ connect, clock }) => {
          const { access_token } = await connect();
          clock.now += 3600;
          return access_token;
        },
      ],
      [
        'an expired refresh token',
        async ({ connect, clock }) => {
          const { refresh_token } = await connect();
          clock.now += 30 * 24 * 60 * 60;
          return refresh_token;
        },
      ],
      [
        'a revoked access token',
        async ({ connect, revoke }) => {
          const { access_token } = await connect();
          await revoke(access_token).expect(200);
          return access_token;
        },
      ],
      [
        'an access token of a revoked family',
        async ({ connect, revoke }) => {
          const { access_token, refresh_token } = await connect();
          await revoke(refresh_token).expect(200);
          return access_token;
        },
      ],
      [
        'a token of what its user took back',
        async ({ connect, tokens }) => {
          const { access_token } = await connect();
          const [app] = await tokens.listAuthorizations(user);
          await tokens.revokeAuthorization(user, app?.authorizationID ?? '');
          return access_token;
        },
      ],
    ];
    for (const [what, make] of rows) {
      it(what, async () => {
        const server = tokenServer();
        const token = await make(server);
        for (const client of [CLIENT, API]) {
          const response = await server.introspect(token, client);
          assert.deepEqual([response.status, response.text], [200, '{"active":false}']);
          assertNoStore(response);
        }
      });
    }
  });

  describe('§2.1: token_type_hint is only a hint', () => {
    for (const hint of ['access_token', 'refresh_token', 'urn:example:unknown', '__proto__', '']) {
      it(JSON.stringify(hint), async () => {
        const { connect, introspect } = tokenServer();
        const { access_token, refresh_token } = await connect();
        for (const token of [access_token, refresh_token])
          assert.equal((await introspect(token, CLIENT, { token_type_hint: hint })).body.active, true);
        assert.deepEqual((await introspect('made-up', CLIENT, { token_type_hint: hint })).body, INACTIVE);
      });
    }
  });

  describe('§2.1, §4: the caller must authenticate, against scanning', () => {
    it('no credentials, or wrong ones: 401', async () => {
      const { app, connect, events } = tokenServer();
      const { access_token } = await connect();
      const asked = events.length;
      const ask = () => request(app.callback()).post('/introspect').type('form').send({ token: access_token });
      const responses = [await ask(), await ask().auth('client', 'wrong'), await ask().auth('nobody', '-secret')];
      for (const response of responses) {
        assertInvalidClient(response);
        assert.match(response.headers['www-authenticate'] ?? '', /^Basic /);
      }
      assert.equal(events.length, asked, 'and nothing is looked up');
    });

    it('the token itself is no credential', async () => {
      const { app, connect } = tokenServer();
      const { access_token } = await connect();
      const ask = request(app.callback()).post('/introspect').set('Authorization', `Bearer ${access_token}`);
      assertInvalidClient(await ask.type('form').send({ token: access_token }));
    });

    it("a client_id in the body that is another's: 401", async () => {
      const { connect, introspect } = tokenServer();
      const { access_token } = await connect();
      assertInvalidClient(await introspect(access_token, OTHER, { client_id: 'client' }));
    });
  });

  describe('§2.1: the request is a form, POSTed', () => {
    for (const method of ['get', 'put', 'delete'] as const) {
      it(`${method}: 405`, async () => {
        const { app, connect } = tokenServer();
        const { access_token } = await connect();
        const ask = request(app.callback())[method]('/introspect').query({ token: access_token });
        const response = await ask.auth('client', 'client-secret');
        assertErrorHere(response, 405, 'invalid_request');
        assert.equal(response.headers['allow'], 'POST');
      });
    }

    it('not JSON', async () => {
      const { app, connect } = tokenServer();
      const { access_token: token } = await connect();
      const ask = request(app.callback()).post('/introspect').auth('client', 'client-secret').send({ token });
      assertErrorHere(await ask, 400, 'invalid_request');
    });

    it('not in the URL', async () => {
      const { app, connect } = tokenServer();
      const { access_token: token } = await connect();
      const ask = request(app.callback()).post('/introspect').query({ token }).auth('client', 'client-secret');
      assertErrorHere(await ask.type('form').send({ token_type_hint: 'access_token' }), 400, 'invalid_request');
    });

    const rows: readonly [what: string, body: string][] = [
      ['no token', 'token_type_hint=access_token'],
      ['an empty token', 'token='],
      ['two tokens', 'token=a&token=b'],
      ['two hints', 'token=a&token_type_hint=a&token_type_hint=b'],
    ];
    for (const [what, body] of rows) {
      it(`${what}: invalid_request`, async () => {
        const { app } = tokenServer();
        const ask = request(app.callback()).post('/introspect').auth('client', 'client-secret').type('form').send(body);
        assertErrorHere(await ask, 400, 'invalid_request');
      });
    }
  });

  describe('with a callback in place of the service', () => {
    function callbackServer(introspect: Introspect<App>, setup: object = {}) {
      return authorizationServer({
        clients: [CLIENT, API],
        routes: (router, server) => {
          const resourceServer = (client: App) => client === API;
          router.post(
            '/introspect',
            authenticateClient([CLIENT, API]),
            server.endpoint(introspection(introspect, { resourceServer })),
          );
        },
        ...setup,
      });
    }
    const ask = ({ app }: ReturnType<typeof callbackServer>, client: App = CLIENT, body = 'token=t') =>
      request(app.callback())
        .post('/introspect')
        .auth(client.client_id, `${client.client_id}-secret`)
        .type('form')
        .send(body);

    const answers: readonly [what: string, answer: unknown, client: App, body: object][] = [
      ['false', false, CLIENT, INACTIVE],
      ['null', null, CLIENT, INACTIVE],
      ['undefined', undefined, CLIENT, INACTIVE],
      ['inactive, with more than that', { active: false, client_id: 'client', sub: 'alice' }, CLIENT, INACTIVE],
      ['inactive, to an API', { active: false, client_id: 'client', sub: 'alice' }, API, INACTIVE],
      [
        "its own client's",
        { active: true, client_id: 'client', x: 1 },
        CLIENT,
        { active: true, client_id: 'client', x: 1 },
      ],
      ["another client's", { active: true, client_id: 'other' }, CLIENT, INACTIVE],
      ["nobody's", { active: true }, CLIENT, INACTIVE],
      ["another client's, to an API", { active: true, client_id: 'other' }, API, { active: true, client_id: 'other' }],
      ["nobody's, to an API", { active: true }, API, { active: true }],
    ];
    for (const [what, answer, client, body] of answers) {
      it(`that gives ${what}`, async () => {
        const response = await ask(
          callbackServer(() => answer as never),
          client,
        );
        assert.deepEqual([response.status, response.body], [200, body]);
        assertNoStore(response);
      });
    }

    for (const { name, before } of BODY_PARSERS) {
      it(`is given the token, the client and the hint, ${name}`, async () => {
        const calls: unknown[][] = [];
        const server = callbackServer((...args) => {
          calls.push(args);
          return false;
        }, before && { before });
        await ask(server, CLIENT, 'token=a%20token&token_type_hint=refresh_token').expect(200);
        await ask(server).expect(200);
        assert.deepEqual(calls, [
          ['a token', CLIENT, 'refresh_token', {}],
          ['t', CLIENT, undefined, {}],
        ]);
      });
    }

    it('that throws: server_error, and the operator hears of it', async () => {
      const server = callbackServer(() => {
        throw new Error('of the database');
      });
      const response = await ask(server);
      assertErrorHere(response, 500, 'server_error');
      assert.doesNotMatch(response.text, /database/);
      assert.match(String(server.errors[0]), /of the database/);
    });

    it('does not tell clients that do not say who they are', async () => {
      const server = authorizationServer({
        options: { clientID: () => undefined as never },
        routes: (router, server) =>
          router.post(
            '/introspect',
            authenticateClient([CLIENT]),
            server.endpoint(introspection(() => ({ active: true }))),
          ),
      });
      assert.notEqual((await ask(server)).body.active, true);
    });
  });

  it('RFC 8414 §2: stands in the metadata by itself', async () => {
    const { app } = tokenServer({ introspection: { url: '/oauth/introspect' } });
    const { body } = await request(app.callback()).get('/.well-known/oauth-authorization-server').expect(200);
    assert.equal(body.introspection_endpoint, 'https://as.example/oauth/introspect');
    assert.equal(body.revocation_endpoint, 'https://as.example/revoke');
    assert.equal('jwks_uri' in body, false);
  });
});
