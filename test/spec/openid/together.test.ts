/** OpenID Connect with what else is plugged in: what a client sent goes through whole, by whatever way it came. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import {
  dpop,
  exchange,
  grant,
  jwks,
  jwtResponses,
  type OpenIDOptions,
  openid,
  pushedRequests,
  requestObjects,
  scopes,
  stepUp,
} from 'koauthorize';
import type { KeySet } from 'koauthorize/tokens';
import {
  type App,
  authorizationServer,
  browser,
  CLIENT,
  exchangeCode,
  ISSUER,
  issuing,
  REQUEST,
  redirected,
  type User,
  VERIFIER,
} from '../../support/authorization-server.js';
import type { Registered } from '../../support/client-auth.js';
import { deviceServer } from '../../support/device-server.js';
import { type ClientKey, clientKey, proofFor } from '../../support/dpop.js';
import { openidServer, rsaKeys } from '../../support/openid-server.js';
import { pluggedServer } from '../../support/plugged-server.js';
import { type PushingSetup, pushingServer } from '../../support/pushing-server.js';
import { claimsOf, type Signer, sign, signer, signing } from '../../support/request-object.js';

const CLAIMS = { id_token: { auth_time: { essential: true }, name: null }, userinfo: { email: null } };

/** Parameters of OpenID Connect, as they are in a query. */
const ASKED = {
  scope: 'openid read',
  nonce: 'the nonce',
  prompt: 'consent',
  max_age: '600',
  login_hint: 'alice@example.com',
  ui_locales: 'se en',
  claims: JSON.stringify(CLAIMS),
} as const;

const READ = {
  scope: ['openid', 'read'],
  nonce: 'the nonce',
  prompt: ['consent'],
  maxAge: 600,
  loginHint: 'alice@example.com',
  uiLocales: ['se', 'en'],
  claims: CLAIMS,
};

describe('OpenID Connect with pushed requests, request objects, signed responses and DPoP', () => {
  let keys: KeySet;
  let own: Signer;
  let app: Registered;
  let key: ClientKey;
  before(async () => {
    [keys, own, key] = await Promise.all([rsaKeys(), signer(), clientKey()]);
    app = signing('client', own);
  });

  const options: OpenIDOptions<App, User> = {
    responseTypes: ['code id_token'],
    findUser: (id) => ({ id, name: 'Alice' }),
    claims: ({ name }) => ({ name, email: 'alice@example.com' }),
  };

  function made(setup: Partial<PushingSetup> = {}) {
    const plugs = [
      pushedRequests<App, User>(),
      requestObjects<App, User>(),
      jwks<App, User>(),
      jwtResponses<App, User>(),
      dpop<App, User>(),
    ];
    const server = pushingServer({
      keys,
      clients: [app],
      ...setup,
      plugs: [...plugs, openid(options), ...(setup.plugs ?? [])],
      login: ({ id }) => ({ authenticatedAt: server.clock.now - (id === 'alice' ? 100 : 10_000) }),
    });
    return server;
  }
  type Made = ReturnType<typeof made>;

  async function verified(server: Made, token: unknown) {
    const currentDate = new Date(server.clock.now * 1000);
    const set = createLocalJWKSet(keys.jwks() as JSONWebKeySet);
    return (await jwtVerify(String(token), set, { issuer: ISSUER, audience: app.client_id, currentDate })).payload;
  }

  /** What the page sees of the request, and the ID token that comes of it. */
  async function wayOf(server: Made, params: object) {
    const { open, decide } = server.visitor();
    const { transactionID, req } = (await open({ ...params }).expect(200)).body;
    const { code } = redirected(await decide(transactionID));
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: REQUEST.redirect_uri,
      code_verifier: VERIFIER,
    };
    const tokens = (await server.post('/token', form, app).expect(200)).body;
    return { req, tokens, claims: await verified(server, tokens.id_token) };
  }

  function assertWhole(server: Made, { req, claims }: Awaited<ReturnType<typeof wayOf>>): void {
    const seen = Object.fromEntries(Object.keys(READ).map((name) => [name, req[name]]));
    assert.deepEqual(seen, READ);
    assert.deepEqual(
      [claims['nonce'], claims['auth_time'], claims['name'], claims['email']],
      ['the nonce', server.clock.now - 100, 'Alice', undefined],
    );
  }

  const inside = (server: Made, more: object = {}) =>
    sign(claimsOf(app.client_id, server.clock.now, { ...ASKED, max_age: 600, claims: CLAIMS, ...more }), own);

  it('RFC 9126: what was pushed goes through whole, and what stands beside it does not count', async () => {
    const server = made();
    const request_uri = await server.uriOf(ASKED, app);
    const beside = { client_id: app.client_id, nonce: 'beside', prompt: 'login', claims: '{', id_token_hint: 'x' };
    assertWhole(server, await wayOf(server, { ...beside, request_uri }));
  });

  it('RFC 9101 §6.3: what is in the object counts, as JSON too; what OpenID Connect Core §6.1 would add from beside it does not', async () => {
    const server = made();
    const request = await inside(server);
    const beside = { ...REQUEST, scope: 'openid', nonce: 'beside', prompt: 'login', display: 'popup' };
    const way = await wayOf(server, { ...beside, request });
    assertWhole(server, way);
    assert.equal(way.req.display, undefined);
  });

  it('RFC 9126 §3: a signed object that was pushed', async () => {
    const server = made();
    const pushed = await server
      .post('/par', { request: await inside(server), client_id: app.client_id }, app)
      .expect(201);
    assertWhole(server, await wayOf(server, { client_id: app.client_id, request_uri: pushed.body.request_uri }));
  });

  it('RFC 9126 §2.3: what is wrong with a request is told where it is pushed', async () => {
    const server = made();
    for (const wrong of [
      { prompt: 'none login' },
      { claims: '{' },
      { id_token_hint: 'x' },
      { response_type: 'code id_token', nonce: '' },
    ])
      assert.equal((await server.push({ ...ASKED, ...wrong }, app).expect(400)).body.error, 'invalid_request');
  });

  it('§11: offline_access is judged where the request is pushed', async () => {
    const server = made();
    for (const [prompt, expected] of [
      ['consent', 'openid offline_access'],
      [undefined, 'openid'],
    ] as const) {
      const request_uri = await server.uriOf({ prompt, scope: 'openid offline_access' }, app);
      const { req } = (await server.visitor().open({ client_id: app.client_id, request_uri })).body;
      assert.equal(req.scope.join(' '), expected);
    }
  });

  it('JARM: prompt=none is answered by a signed error', async () => {
    const server = made();
    const response = await server
      .visitor('')
      .open({ ...REQUEST, client_id: app.client_id, ...ASKED, prompt: 'none', response_mode: 'jwt' });
    const { error, state } = await verified(server, redirected(response)['response']);
    assert.deepEqual([error, state], ['login_required', REQUEST.state]);
  });

  it('RFC 9449 §10: a hybrid code that is bound to a key, and the ID token of a token that is bound', async () => {
    const server = made();
    const bound = { response_type: 'code id_token', dpop_jkt: key.thumbprint };
    const request_uri = await server.uriOf({ ...ASKED, ...bound }, app);
    const { open, decide } = server.visitor();
    const { transactionID } = (await open({ client_id: app.client_id, request_uri })).body;
    const { code = '', id_token } = redirected(await decide(transactionID));
    const half = (text: string) => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
    assert.equal((await verified(server, id_token))['c_hash'], half(code));
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: REQUEST.redirect_uri,
      code_verifier: VERIFIER,
    };
    assert.equal((await server.post('/token', form, app).expect(400)).body.error, 'invalid_dpop_proof');
    const proof = await proofFor(key, { url: `${ISSUER}/token`, at: server.clock.now });
    const { body } = await server.post('/token', form, app).set('DPoP', proof).expect(200);
    assert.deepEqual(
      [body.token_type, (await verified(server, body.id_token))['at_hash']],
      ['DPoP', half(body.access_token)],
    );
  });

  it('RFC 9207: iss in every response, errors too', async () => {
    const server = openidServer({ keys, openid: { responseTypes: ['code id_token'] } });
    for (const params of [{ prompt: 'none' }, { prompt: 'none login' }, { response_type: 'code id_token' }]) {
      const sent = redirected(await server.visitor().open(params, 'alice').expect(302));
      assert.equal(sent['iss'], ISSUER);
    }
  });
});

describe('OpenID Connect with stepUp()', () => {
  it('RFC 9470 §5: both read max_age and acr_values, and acr_values are then required', async () => {
    const server = openidServer({
      keys: await rsaKeys(),
      plug: (as) => as.extend(stepUp({ acrValues: ['pwd', 'mfa'] })),
    });
    server.logins.set('alice', { acr: 'pwd', authenticatedAt: server.clock.now - 5 });
    const { open, resume } = server.visitor();
    const { transactionID, prompts, req } = (await open({ acr_values: 'mfa', max_age: '60' }, 'alice').expect(200))
      .body;
    assert.deepEqual([prompts, req.acrValues, req.maxAge], [['login'], ['mfa'], 60]);
    server.logins.set('alice', { acr: 'mfa', authenticatedAt: server.clock.now });
    assert.deepEqual((await resume(transactionID, 'alice', 'login')).body.prompts, ['consent']);
    const refused = redirected(await open({ acr_values: 'gold' }, 'alice').expect(302));
    assert.equal(refused['error'], 'unmet_authentication_requirements');
  });

  it('what the client registered counts for stepUp(), too', async () => {
    const client = {
      client_id: 'client',
      client_name: 'c',
      redirect_uris: [REQUEST.redirect_uri],
      default_acr_values: ['mfa'],
    };
    const server = openidServer({ keys: await rsaKeys(), clients: [client], plug: (as) => as.extend(stepUp()) });
    server.logins.set('alice', { acr: 'pwd', authenticatedAt: server.clock.now });
    assert.deepEqual((await server.visitor().open({}, 'alice')).body.prompts, ['login']);
  });

  describe('RFC 9470 §5: what the client registered and no login here can have fails at once', () => {
    const golden = { ...CLIENT, default_acr_values: ['gold'] };
    const [level, provider] = [stepUp<App, User>({ acrValues: ['pwd', 'mfa'] }), openid<App, User>()];
    const orders = { 'stepUp() after openid()': [provider, level], 'stepUp() before openid()': [level, provider] };
    for (const [order, plugs] of Object.entries(orders)) {
      const find = () => golden;
      const options = async () => ({
        ...{ issuer: ISSUER, keys: await rsaKeys(), clients: { find } },
        authenticationEvent: () => ({ acr: 'mfa' }),
      });

      it(`${order}: at the authorization endpoint`, async () => {
        const { app } = pluggedServer({ clients: [golden], plugs, options: await options() });
        const open = (params: object) => browser(app).authorize({ scope: 'openid', ...params });
        const refused = redirected(await open({}).expect(302));
        assert.deepEqual([refused['error'], refused['state']], ['unmet_authentication_requirements', REQUEST.state]);
        const { req } = (await open({ acr_values: 'mfa' }).expect(200)).body;
        assert.deepEqual(req.acrValues, ['mfa'], 'what the client asks for counts first');
        await open({ scope: 'read' }).expect(200);
      });

      it(`${order}: at a device, whose user is shown no login without end`, async () => {
        const server = deviceServer({ clients: [golden], plugs, options: await options() });
        const begun = await server.begin({ scope: 'openid' });
        if (begun.status === 400) return assert.equal(begun.body.error, 'unmet_authentication_requirements');
        const typed = await server.person().type(begun.body.user_code);
        assert.deepEqual([typed.status, typed.body.prompts], [400, undefined]);
      });
    }

    it('one of several will do', async () => {
      const client = { ...CLIENT, default_acr_values: ['gold', 'mfa'] } as App;
      const { app } = pluggedServer({
        ...{ clients: [client], plugs: [provider, level] },
        options: { issuer: ISSUER, keys: await rsaKeys(), clients: { find: () => client } },
      });
      await browser(app).authorize({ scope: 'openid' }).expect(200);
    });

    it('where acr_values are voluntary, nothing is refused', async () => {
      const server = openidServer({ keys: await rsaKeys(), openid: { acrValues: ['pwd'] }, clients: [golden] });
      assert.deepEqual((await server.visitor().open({}, 'alice')).body.prompts, ['consent']);
    });

    it('a registration that asks for it is refused', async () => {
      const judge = (default_acr_values: unknown) => level.register?.({ default_acr_values } as never);
      for (const values of [undefined, [], ['mfa'], ['gold', 'pwd']])
        assert.deepEqual(judge(values), { default_acr_values: values });
      assert.throws(() => judge(['gold']), { code: 'invalid_client_metadata', status: 400 });
      const any = stepUp<App, User>();
      assert.deepEqual(any.register?.({ default_acr_values: ['gold'] }), { default_acr_values: ['gold'] });
    });
  });
});

describe('OpenID Connect without the token service', () => {
  it('an application that stores codes itself gets the same ID tokens: what belongs to the request is in the authorization', async () => {
    const { codes, take, put } = issuing();
    const keys = await rsaKeys();
    const { app } = authorizationServer({
      options: { issuer: ISSUER, keys },
      plug: (server) =>
        server
          .grant(grant.code({ issue: (_txn, authorization) => put(codes, JSON.parse(JSON.stringify(authorization))) }))
          .exchange(exchange.code({ redeem: take(codes), issue: () => ({ access_token: 'a token' }) }))
          .extend(scopes(['openid', 'read']))
          .extend(openid({ findUser: (id) => ({ id, name: 'Alice' }), claims: ({ name }) => ({ name }) })),
    });
    const { code } = await browser(app).allow({ scope: 'openid', nonce: 'n', claims: '{"id_token":{"name":null}}' });
    const { id_token } = (await exchangeCode(app, code).expect(200)).body;
    const { payload } = await jwtVerify(id_token, createLocalJWKSet(keys.jwks() as JSONWebKeySet));
    assert.deepEqual([payload.sub, payload['nonce'], payload['name']], ['alice', 'n', 'Alice']);
  });
});
