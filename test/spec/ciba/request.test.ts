/** OpenID Connect Client-Initiated Backchannel Authentication §7, §13: the request of a client, over HTTP. */
import assert from 'node:assert/strict';
import {
  AuthorizationError,
  backchannelAuthentication,
  createServer,
  type Extension,
  openid,
  pushedRequests,
  requestObjects,
  TokenError,
} from 'koauthorize';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import request from 'supertest';
import { signIDToken } from '../../../lib/id-token/sign.js';
import {
  type App,
  CLIENT,
  ISSUER,
  OTHER,
  type Params,
  REQUEST,
  type User,
} from '../../support/authorization-server.js';
import {
  backchannelServer,
  CIBA,
  type CIBAOptions,
  cibaKeys,
  errorOf,
  PINGED,
  POLLING,
  userNamed,
  waiting,
} from '../../support/backchannel-server.js';
import { deviceServer } from '../../support/device-server.js';

describe('CIBA §7: the authentication request', () => {
  /** What a request is answered. */
  const answered = async (params: Params, ciba: CIBAOptions = {}) =>
    errorOf((await backchannelServer({ ciba })).begin(params));

  it('§7.3 is answered with what the client polls by, for how long, and how often; and the user is asked', async () => {
    const { body, asked, id } = await waiting({}, { binding_message: 'W4SCT', acr_values: 'gold silver' });
    const { auth_req_id, ...rest } = body;
    assert.match(auth_req_id, /^[A-Za-z0-9._-]{43,}$/); // 256 random bits
    assert.deepEqual(rest, { expires_in: 300, interval: 5 });
    const [one] = asked;
    assert.deepEqual(
      [one?.client.client_id, one?.user.id, one?.req.scope, one?.req.bindingMessage, one?.req.acrValues],
      ['client', 'alice', ['openid', 'read'], 'W4SCT', ['gold', 'silver']],
    );
    assert.ok(
      !id.includes(auth_req_id) && !auth_req_id.includes(id.slice(0, 20)),
      'the application cannot poll by its ID',
    );
  });

  it('§7.3 is not kept by caches', async () => {
    const { headers } = await (await backchannelServer()).begin().expect(200);
    assert.equal(headers['cache-control'], 'no-store');
  });

  describe('§7.1 the client', () => {
    it('MUST authenticate: without, and with a wrong secret, it is refused', async () => {
      const { app, asked } = await backchannelServer();
      const form = () => request(app.callback()).post('/backchannel_authentication').type('form');
      assert.deepEqual(await errorOf(form().send({ client_id: 'client', scope: 'openid', login_hint: 'alice' })), [
        400,
        'invalid_client',
      ]);
      assert.deepEqual(await errorOf(form().auth('client', 'wrong').send({ scope: 'openid', login_hint: 'alice' })), [
        401,
        'invalid_client',
      ]);
      assert.equal(asked.length, 0);
    });

    it('is refused if it is public, because anybody could send requests in its name', async () => {
      const { begin, poll, asked } = await backchannelServer({
        clients: [{ ...POLLING, token_endpoint_auth_method: 'none' }],
      });
      assert.deepEqual(await errorOf(begin()), [401, 'invalid_client']);
      assert.deepEqual(await errorOf(poll('x')), [401, 'invalid_client']);
      assert.equal(asked.length, 0);
    });

    for (const [what, registration] of [
      ['that did not register a token delivery mode', { backchannel_token_delivery_mode: undefined }],
      ['that is registered for push', { backchannel_token_delivery_mode: 'push' }],
      ['whose mode cannot be read', { backchannel_token_delivery_mode: ['poll'] }],
      ['that did not register the grant type', { grant_types: ['authorization_code'] }],
    ] as const)
      it(`${what} is refused, at both endpoints`, async () => {
        const { begin, poll, asked } = await backchannelServer({ clients: [{ ...POLLING, ...registration }] });
        assert.deepEqual(await errorOf(begin()), [400, 'unauthorized_client']);
        assert.deepEqual(await errorOf(poll('x')), [400, 'unauthorized_client']); // §11
        assert.equal(asked.length, 0);
      });

    it('that registered the grant type is served', async () => {
      const { begin } = await backchannelServer({ clients: [{ ...POLLING, grant_types: [CIBA], response_types: [] }] });
      await begin().expect(200);
    });
  });

  describe('§7.1 the scope', () => {
    for (const [scope, error] of [
      [undefined, 'invalid_request'],
      ['', 'invalid_request'],
      ['read', 'invalid_scope'],
      ['openid"', 'invalid_scope'],
    ] as const)
      it(`${JSON.stringify(scope)}: ${error}`, async () => {
        assert.deepEqual(await answered({ scope }), [400, error]);
      });

    it('must be what the client registered', async () => {
      const { begin } = await backchannelServer({ clients: [{ ...POLLING, scope: 'openid' }] });
      assert.deepEqual(await errorOf(begin({ scope: 'openid delete' })), [400, 'invalid_scope']);
    });
  });

  describe('§7.1, §7.2 the hint', () => {
    it('is one, and only one', async () => {
      assert.deepEqual(await answered({ login_hint: undefined }), [400, 'invalid_request']);
      assert.deepEqual(await answered({ login_hint_token: 'x' }), [400, 'invalid_request']);
      assert.deepEqual(await answered({ id_token_hint: 'x' }), [400, 'invalid_request']);
      assert.deepEqual(await answered({ login_hint: ['alice', 'bob'] }), [400, 'invalid_request']);
    });

    it('that names nobody: unknown_user_id', async () => {
      for (const nobody of [undefined, null, false])
        assert.deepEqual(await answered({}, { findUser: () => nobody as undefined }), [400, 'unknown_user_id']);
    });

    it('login_hint_token is given to the application, which can say that it has expired', async () => {
      const hints: unknown[] = [];
      const findUser: CIBAOptions['findUser'] = (hint, { client_id }) => {
        hints.push([hint, client_id]);
        throw new TokenError('It has expired', 'expired_login_hint_token');
      };
      assert.deepEqual(await answered({ login_hint: undefined, login_hint_token: 'a token' }, { findUser }), [
        400,
        'expired_login_hint_token',
      ]);
      assert.deepEqual(hints, [[{ loginHintToken: 'a token' }, 'client']]);
    });

    it('id_token_hint: the user of an ID token of this client is asked, also where it has expired', async () => {
      const { server, begin, asked } = await backchannelServer();
      const token = await signIDToken(server.core, CLIENT, {
        clientID: 'client',
        claims: { sub: 'carol' },
        lifetime: -1000,
      });
      await begin({ login_hint: undefined, id_token_hint: token }).expect(200);
      assert.equal(asked[0]?.user.id, 'carol');
    });

    it('id_token_hint: an ID token of another client, a forged one and any other text get unknown_user_id', async () => {
      const { server, begin, asked } = await backchannelServer();
      const content = { claims: { sub: 'carol' }, lifetime: 600 };
      const others = await signIDToken(server.core, OTHER, { clientID: 'other', ...content });
      const [head, , tail] = others.split('.');
      const body = Buffer.from(JSON.stringify({ iss: ISSUER, sub: 'carol', aud: 'client', iat: 1, exp: 2 }));
      for (const hint of [others, `${head}.${body.toString('base64url')}.${tail}`, 'nonsense'])
        assert.deepEqual(await errorOf(begin({ login_hint: undefined, id_token_hint: hint })), [
          400,
          'unknown_user_id',
        ]);
      assert.equal(asked.length, 0);
    });

    it('id_token_hint: if findUser finds another user than that of the ID token, nobody is asked', async () => {
      const { server, begin, asked } = await backchannelServer({ ciba: { findUser: () => userNamed('mallory') } });
      const token = await signIDToken(server.core, CLIENT, {
        clientID: 'client',
        claims: { sub: 'carol' },
        lifetime: 600,
      });
      assert.deepEqual(await errorOf(begin({ login_hint: undefined, id_token_hint: token })), [400, 'unknown_user_id']);
      assert.equal(asked.length, 0);
    });
  });

  describe('§7.1 the binding message', () => {
    const longest = '界'.repeat(64);
    for (const message of ['W4SCT', 'Zahlung 12,50 € an Müller & Söhne', longest])
      it(`${JSON.stringify(message.slice(0, 20))} is taken`, async () => {
        const { asked } = await waiting({}, { binding_message: message });
        assert.equal(asked[0]?.req.bindingMessage, message);
      });
    for (const message of [`${longest}x`, 'two\nlines', 'turned \u202e around', 'un\u200bseen', 'a\u00a0b', 'tab\t'])
      it(`invalid_binding_message for ${JSON.stringify(message.slice(0, 20))}`, async () => {
        assert.deepEqual(await answered({ binding_message: message }), [400, 'invalid_binding_message']);
      });

    it('is needed where the application says so', async () => {
      assert.deepEqual(await answered({}, { requireBindingMessage: true }), [400, 'invalid_request']);
      assert.deepEqual(await answered({ binding_message: 'x' }, { requireBindingMessage: true }), [200, undefined]);
    });
  });

  describe('§7.1 requested_expiry', () => {
    for (const [requested, options, given] of [
      ['60', {}, 60],
      ['1', {}, 1],
      ['900', {}, 300],
      ['900', { maxLifetime: 600 }, 600],
      ['99999999999999999999999', { maxLifetime: 600 }, 600],
    ] as const)
      it(`${requested} with ${JSON.stringify(options)} gives ${given}`, async () => {
        const { body } = await (await backchannelServer({ ciba: options })).begin({ requested_expiry: requested });
        assert.equal(body.expires_in, given);
      });
    for (const requested of ['0', '-1', '1.5', '1e3', 'soon', '0x10'])
      it(`${requested}: invalid_request`, async () => {
        assert.deepEqual(await answered({ requested_expiry: requested }), [400, 'invalid_request']);
      });
  });

  describe('§7.1 client_notification_token', () => {
    const ping = async (token: Params[string]) =>
      errorOf((await backchannelServer({ clients: [PINGED] })).begin({ client_notification_token: token }));
    for (const token of [
      undefined,
      'short',
      'x'.repeat(21),
      'x'.repeat(1025),
      `${'x'.repeat(30)} y`,
      `${'x'.repeat(30)}=y`,
      `${'x'.repeat(30)}"`,
      'ü'.repeat(30),
    ])
      it(`ping: ${JSON.stringify(token?.slice(-12))} of ${token?.length} characters is refused`, async () => {
        assert.deepEqual(await ping(token), [400, 'invalid_request']);
      });
    for (const token of [
      'x'.repeat(22),
      'x'.repeat(1024),
      '8d67dc78-7faa-4d41-aabd-67707b374255',
      'AZaz09-._~+/AZaz09-._~==',
    ])
      it(`ping: ${JSON.stringify(token.slice(0, 12))} of ${token.length} characters is taken`, async () => {
        assert.deepEqual(await ping(token), [200, undefined]);
      });

    it('poll: it is ignored', async () => {
      assert.deepEqual(await answered({ client_notification_token: 'short' }), [200, undefined]);
    });

    for (const endpoint of [
      undefined,
      'http://client.example/notified',
      'client.example',
      'https://a:b@client.example/',
    ])
      it(`ping: a client that registered ${endpoint} as its endpoint is refused`, async () => {
        const { begin } = await backchannelServer({
          clients: [{ ...PINGED, backchannel_client_notification_endpoint: endpoint }],
        });
        assert.deepEqual(await errorOf(begin({ client_notification_token: 'x'.repeat(30) })), [
          400,
          'unauthorized_client',
        ]);
      });
  });

  describe('§7.1.2 the user code', () => {
    const codes: CIBAOptions = { verifyUserCode: ({ id }, code) => code === `${id}'s code` };

    it('is required if the client supports it: missing_user_code, invalid_user_code', async () => {
      assert.deepEqual(await answered({}, codes), [400, 'missing_user_code']);
      assert.deepEqual(await answered({ user_code: "bob's code" }, codes), [400, 'invalid_user_code']);
      assert.deepEqual(await answered({ user_code: "alice's code" }, codes), [200, undefined]);
    });

    it('only true is right', async () => {
      assert.deepEqual(await answered({ user_code: 'x' }, { verifyUserCode: () => 'yes' as never }), [
        400,
        'invalid_user_code',
      ]);
    });

    it('may be missing where the application allows it; a wrong one is refused all the same', async () => {
      const options: CIBAOptions = { ...codes, allowWithoutUserCode: ({ id }) => id === 'alice' };
      assert.deepEqual(await answered({}, options), [200, undefined]);
      assert.deepEqual(await answered({ user_code: 'wrong' }, options), [400, 'invalid_user_code']);
      assert.deepEqual(await answered({ login_hint: 'bob' }, options), [400, 'missing_user_code']);
    });

    it('is ignored where it is not supported', async () => {
      assert.deepEqual(await answered({ user_code: 'x' }), [200, undefined]);
    });

    it('has a limit of tries for one user, over all clients and also for concurrent requests; other users are not affected', async () => {
      const { begin, clock } = await backchannelServer({ ciba: { ...codes, userCodeGuesses: 3 } });
      clock.now = Math.ceil(clock.now / 900) * 900;
      const tries = await Promise.all(
        Array.from({ length: 8 }, (_, index) => errorOf(begin({ user_code: 'wrong' }, index % 2 ? OTHER : CLIENT))),
      );
      assert.deepEqual(tries.map(([status]) => status).sort(), [400, 400, 400, 429, 429, 429, 429, 429]);
      assert.equal((await begin({ user_code: "alice's code" })).status, 429, 'the right one, too');
      await begin({ login_hint: 'bob', user_code: "bob's code" }).expect(200);
      clock.now += 900;
      await begin({ user_code: "alice's code" }).expect(200);
    });
  });

  it('one client can ask one user a limited number of times in 15 minutes; other clients and users are not affected', async () => {
    const { begin, clock, asked } = await backchannelServer({ ciba: { perUser: 2 } });
    clock.now = Math.ceil(clock.now / 900) * 900;
    const answers = await Promise.all(Array.from({ length: 5 }, () => begin()));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 429, 429, 429]);
    assert.ok(Number(answers.find(({ status }) => status === 429)?.headers['retry-after']) > 0);
    await begin({}, OTHER).expect(200);
    await begin({ login_hint: 'bob' }).expect(200);
    assert.equal(asked.length, 4);
    clock.now += 900;
    await begin().expect(200);
  });

  describe('§13 errors', () => {
    it('access_denied is 403, where the application or an extension says so', async () => {
      for (const no of [false, undefined, 'no'])
        assert.deepEqual(await answered({}, { mayAsk: () => no as never }), [403, 'access_denied']);
      const denying: Extension<App, User> = {
        name: 'denying',
        authorization: {
          parse() {
            throw new AuthorizationError('Not this client', 'access_denied');
          },
        },
      };
      const { begin, asked } = await backchannelServer({ plugs: [denying] });
      assert.deepEqual(await errorOf(begin()), [403, 'access_denied']);
      assert.equal(asked.length, 0);
    });

    it('where the user cannot be asked, the client is told, and nothing waits', async () => {
      let id = '';
      const { begin, decide } = await backchannelServer({
        ciba: {
          ask(_ctx, asked) {
            id = asked.id;
            throw new Error('The push service is down');
          },
        },
      });
      assert.deepEqual(await errorOf(begin()), [500, 'server_error']);
      await decide(id).expect(403);
    });

    it('a parameter that comes twice: invalid_request; one that nobody knows is ignored (§7.2)', async () => {
      assert.deepEqual(await answered({ binding_message: ['a', 'a'] }), [400, 'invalid_request']);
      assert.deepEqual(await answered({ unknown: ['a', 'b'] }), [200, undefined]);
    });

    it('request_uri: invalid_request', async () => {
      assert.deepEqual(await answered({ request_uri: 'https://client.example/request' }), [400, 'invalid_request']);
    });

    it('only POST', async () => {
      const { app } = await backchannelServer();
      assert.equal((await request(app.callback()).get('/backchannel_authentication')).status, 404);
    });
  });

  describe('beside other specifications', () => {
    it('RFC 9126 §6: what comes by no browser need not be pushed, here and from a device', async () => {
      const plugs = [pushedRequests<App, User>({ required: true })];
      await (await backchannelServer({ plugs })).begin().expect(200);
      await deviceServer({ plugs }).begin().expect(200);
    });

    it('a request object at the authorization endpoint is refused where nothing reads it', async () => {
      const { app } = await backchannelServer();
      for (const name of ['request', 'request_uri']) {
        const { headers } = await request(app.callback())
          .get('/authorize')
          .set('X-User', 'alice')
          .query({ ...REQUEST, [name]: 'x' });
        assert.match(String(headers['location']), new RegExp(`error=${name}_not_supported`));
      }
    });

    it('the authorization endpoint goes on without binding messages', async () => {
      const { app } = await backchannelServer({ ciba: { requireBindingMessage: true } });
      await request(app.callback()).get('/authorize').set('X-User', 'alice').query(REQUEST).expect(200);
    });

    it('RFC 9101: requestObjects({ required }) refuses what is not signed here, too', async () => {
      const { begin } = await backchannelServer({ plugs: [requestObjects<App, User>({ required: true })] });
      assert.deepEqual(await errorOf(begin()), [400, 'invalid_request']);
    });
  });

  describe('at start', () => {
    const needed = { findUser: () => undefined, ask: () => undefined };
    it('options that cannot be meant are refused', () => {
      for (const options of [
        undefined,
        {},
        { findUser: needed.findUser },
        { ask: needed.ask },
        { ...needed, lifetime: 10 },
        { ...needed, maxLifetime: 100 },
        { ...needed, interval: 0 },
        { ...needed, perUser: 0 },
        { ...needed, userCodeGuesses: 1.5 },
        { ...needed, algorithms: ['HS256'] },
        { ...needed, algorithms: [] },
        { ...needed, fetchTimeout: 0 },
        { ...needed, allowWithoutUserCode: () => true },
        { ...needed, url: 'x' },
        { ...needed, lifeTime: 100 },
      ])
        assert.throws(() => backchannelAuthentication(options as never), TypeError, JSON.stringify(options));
    });

    it('missing parts are named: a token service, an issuer, clients, openid()', async () => {
      const [tokens, keys] = [() => tokenService<App, User>({ store: memoryStore() }), await cibaKeys()];
      const clients = { find: () => undefined };
      const plug = () => backchannelAuthentication<App, User>(needed);
      const make = (options: object) => createServer<App, User>(options).extend(openid());
      assert.throws(() => make({ issuer: ISSUER, clients, keys }).extend(plug()).check(), /tokenService/);
      assert.throws(() => make({ issuer: ISSUER, tokens: tokens(), keys }).extend(plug()).check(), /clients/);
      const bare = createServer<App, User>({ issuer: ISSUER, clients, keys, tokens: tokens() });
      assert.throws(() => bare.extend(plug()).check(), /openid\(\)/);
    });

    it('find and decide throw before it is plugged in', async () => {
      const ciba = backchannelAuthentication<App, User>(needed);
      await assert.rejects(ciba.find('x', userNamed('alice')), /plugged in/);
      await assert.rejects(ciba.decide({} as never, 'x', { user: userNamed('alice'), allow: true }), /plugged in/);
    });
  });
});
