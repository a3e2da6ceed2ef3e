/** What a hostile review once showed: each of these handed out, or told, what it should not. */
import assert from 'node:assert/strict';
import type { Middleware } from 'koa';
import { type Client, type DecisionInput, exchange, grant, scopes } from 'koauthorize';
import request from 'supertest';
import {
  type App,
  authorizationServer,
  browser,
  CLIENT,
  exchangeCode,
  plugAll,
  redirected,
  tokenRequest,
  type User,
} from '../support/authorization-server.js';
import { assertErrorHere, assertInvalidClient } from '../support/form.js';

const asApp = (client: Client & object): App => ({ client_name: 'x', ...client }) as App;

describe('RFC 6749 §3.1.2.3 a client whose registration cannot be read', () => {
  const broken = [{}, { redirect_uris: 'https://evil.example/' }, { redirect_uris: null }, { redirect_uris: [7] }];
  for (const registration of broken) {
    it(`${JSON.stringify(registration)} is sent nowhere`, async () => {
      const client = asApp({ client_id: 'worker', ...(registration as object) });
      const { app } = authorizationServer({ clients: [client] });
      const params = { client_id: 'worker', redirect_uri: 'https://evil.example/' };
      assertErrorHere(await browser(app).authorize(params), 400, 'invalid_request');
      assertErrorHere(await browser(app).authorize({ ...params, response_type: 'x' }), 400, 'invalid_request');
    });
  }
});

describe('what the dialog did not say', () => {
  const EMPTY: readonly unknown[] = [undefined, null, '', ' ', []];
  for (const scope of EMPTY)
    it(`§3.3 boxes that are all unticked grant nothing: scope ${JSON.stringify(scope)} in a decision is a denial`, async () => {
      const decision = () => ({ scope }) as DecisionInput;
      const { app } = authorizationServer({ decision: (server) => server.decision(decision) });
      const { code, error } = await browser(app).allow({ scope: 'read write' });
      assert.deepEqual([code, error], [undefined, 'access_denied']);
      assert.ok(
        (await browser(app).allow({ scope: undefined }))['code'],
        'where nothing was asked for, nothing is missing',
      );
    });

  it('§3.3 so is what immediate grants without a scope that was asked for', async () => {
    const validate = () => [CLIENT] as const;
    const { app } = authorizationServer({
      authorization: (server) => server.authorization(validate, () => [true, { scope: [] }] as const),
    });
    const { code, error } = redirected(await browser(app).authorize({ scope: 'read' }));
    assert.deepEqual([code, error], [undefined, 'access_denied']);
  });

  it('§5.1 with allowEmptyScope, nothing is granted on purpose, and the client is told scope: ""', async () => {
    const { app } = authorizationServer({
      decision: (server) => server.decision({ allowEmptyScope: true }, () => ({ scope: [] })),
      plug(server) {
        plugAll(server);
        server.grant(grant.token(() => 'a token'));
      },
    });
    const { code } = await browser(app).allow({ scope: 'read write' });
    const { body } = await exchangeCode(app, code);
    assert.ok(body.access_token);
    assert.equal(body.scope, '');
    const refreshed = await tokenRequest(app, { grant_type: 'refresh_token', refresh_token: body.refresh_token });
    assert.equal(refreshed.body.scope, '', 'a refreshed token tells it, too');
    assert.equal((await browser(app).allow({ scope: 'read', response_type: 'token' }))['scope'], '');
  });

  it('§3.3 a malformed scope is not granted', async () => {
    const { app } = authorizationServer({ decision: (server) => server.decision(() => ({ scope: ['a"b'] })) });
    assert.equal((await browser(app).allow())['error'], 'invalid_scope');
  });

  it('§3.3 with scopes(), a scope that was not requested is not granted', async () => {
    const { app } = authorizationServer({
      plug(server) {
        plugAll(server);
        server.extend(scopes<App, User>(['read', 'write', 'admin']));
      },
      decision: (server) => server.decision((_ctx, form) => ({ scope: form['scope'] })),
    });
    const { allow } = browser(app);
    assert.equal((await allow({ scope: 'read write' }, { scope: 'read admin' }))['error'], 'invalid_scope');
    assert.equal((await allow({ scope: undefined }, { scope: 'admin' }))['error'], 'invalid_scope');
    assert.ok((await allow({ scope: 'read write' }, { scope: 'read' }))['code']);
  });

  it('RFC 7591 §2 with scopes(), a client asks for no more than it registered', async () => {
    const client = { ...CLIENT, scope: 'read' };
    const { app } = authorizationServer({
      clients: [client],
      plug(server) {
        plugAll(server);
        server.extend(scopes<App, User>(['read', 'write']));
      },
    });
    assert.equal(redirected(await browser(app).authorize({ scope: 'read write' }))['error'], 'invalid_scope');
    const params = { grant_type: 'client_credentials', scope: 'write' };
    assertErrorHere(await tokenRequest(app, params, client), 400, 'invalid_scope');
    assert.equal((await browser(app).authorize({ scope: 'read' })).status, 200);
  });

  const denials: readonly [type: string, body: string][] = [
    ['application/json', '{"cancel":true}'],
    ['text/plain', 'cancel=Deny'],
    [
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="cancel"\r\n\r\nDeny\r\n--x--\r\n',
    ],
  ];
  const parsers: readonly [what: string, parser: Middleware | undefined][] = [
    ['no parser', undefined],
    [
      'one that makes nothing of it',
      (ctx, next) => {
        Object.assign(ctx.request, { body: {} });
        return next();
      },
    ],
  ];
  for (const [type, body] of denials) {
    for (const [what, before] of parsers) {
      it(`§4.1.2.1 a denial in ${type}, with ${what}, is not taken for consent`, async () => {
        const { app } = authorizationServer({ ...(before && { before }) });
        const { agent, authorize } = browser(app);
        const { transactionID } = (await authorize()).body;
        const response = await agent
          .post(`/decision?transaction_id=${transactionID}`)
          .set('X-User', 'alice')
          .set('Content-Type', type)
          .send(body);
        assertErrorHere(response, 415, 'invalid_request');
      });
    }
  }
});

describe('RFC 6749 §4.1.2.1 a denial whose form another middleware has read', () => {
  it('and did not keep, is not taken for consent', async () => {
    const drain: Middleware = async (ctx, next) => {
      for await (const _ of ctx.req);
      await next();
    };
    const { app, errors } = authorizationServer({ before: drain });
    const { agent, authorize } = browser(app);
    const { transactionID } = (await authorize()).body;
    const response = await agent
      .post(`/decision?transaction_id=${transactionID}`)
      .set('X-User', 'alice')
      .type('form')
      .send({ cancel: 'Deny' });
    assertErrorHere(response, 500, 'server_error');
    assert.match(errors.at(-1)?.message ?? '', /did not leave it in ctx\.request\.body/);
  });
});

describe('what the operator is told once', () => {
  const PROGRAM = `
    import { createServer, exchange, pkce } from 'koauthorize';
    import { authorizationServer, tokenRequest } from './test/support/authorization-server.js';
    process.on('warning', ({ code }) => { if (code) console.log(code); });
    const callback = authorizationServer({ plug: (server) => server.exchange(exchange.refreshToken(() => 'token')) });
    const byHand = authorizationServer({
      plug: (server) => server.extend(pkce()).exchange('authorization_code', (ctx) => { ctx.body = {}; }),
    });
    for (let time = 0; time < 2; time++) {
      await tokenRequest(callback.app, { grant_type: 'refresh_token', refresh_token: 'x' });
      await tokenRequest(byHand.app, { grant_type: 'authorization_code', code: 'x' });
    }
    process.exit();`;

  it('callbacks that do not check, and middleware that cannot', async () => {
    const { node } = await import('../run.js');
    const { stdout, output } = await node(['--import', './test/register.mjs', '--input-type=module', '-e', PROGRAM]);
    const said = stdout.split('\n').filter((line) => line.startsWith('KOAUTHORIZE_'));
    assert.deepEqual(said, ['KOAUTHORIZE_WITHOUT_CHECK', 'KOAUTHORIZE_HANDMADE_EXCHANGE'], output);
  });
});

describe('RFC 6749 §5.2 what a client registered for', () => {
  it('a grant type that it did not register is unauthorized_client', async () => {
    const client = { ...CLIENT, grant_types: ['authorization_code'] };
    const { app } = authorizationServer({ clients: [client] });
    const params = { grant_type: 'client_credentials' };
    assertErrorHere(await tokenRequest(app, params, client), 400, 'unauthorized_client');
  });

  it('§4.4 a public client has no credentials to get a token for', async () => {
    const client = { ...CLIENT, token_endpoint_auth_method: 'none' };
    const { app } = authorizationServer({ clients: [client] });
    const params = { grant_type: 'client_credentials' };
    assertErrorHere(await tokenRequest(app, params, client), 400, 'unauthorized_client');
  });
});

describe('RFC 7636 §4.6 an exchange under another name', () => {
  it('is checked as under its own', async () => {
    const { app } = authorizationServer({
      plug(server) {
        plugAll(server);
        server.exchange(
          'x',
          exchange.code<App>(() => 'token'),
        );
      },
    });
    const { code } = await browser(app).allow();
    const response = await tokenRequest(app, { grant_type: 'x', code, redirect_uri: CLIENT.redirect_uris[0] });
    assertErrorHere(response, 500, 'server_error');
  });
});

describe('RFC 6749 §3.2.1 who is not a client', () => {
  const own = { grant_type: 'client_credentials' };
  const people: readonly [what: string, params: object, state: object][] = [
    ['an assertion that nobody verified', { client_assertion: 'x' }, { user: { id: 7 } }],
    ['a user whose ID is named as the client', { client_id: '7' }, { user: { id: 7 } }],
    ["the client of the application's own transaction", {}, { oauth2: { client: CLIENT, redirectURI: 'x' } }],
  ];
  for (const [what, params, state] of people) {
    it(what, async () => {
      const { app } = authorizationServer({
        errorHandler: (server) => server.errorHandler({ mode: 'direct' }),
        options: { clientID: (client) => String(Reflect.get(client, 'id') ?? client.client_id) },
        routes: (router, server) =>
          router.post(
            '/own',
            (ctx, next) => {
              Object.assign(ctx.state, state);
              return next();
            },
            server.token(),
          ),
      });
      const response = await request(app.callback())
        .post('/own')
        .type('form')
        .send({ ...own, ...params });
      assertInvalidClient(response);
    });
  }
});

describe('what others are told', () => {
  it('§4.1.2.1 what Koa would show to the user is not told to the client', async () => {
    const { app } = authorizationServer({ dialog: (ctx) => ctx.throw(403, 'alice is suspended') });
    const { error, error_description } = redirected(await browser(app).authorize());
    assert.deepEqual([error, error_description], ['invalid_request', undefined]);
  });

  it('§4.1.2.1 a failed login on the way is access_denied, and no invalid_client', async () => {
    const failed = Object.assign(new Error('Unauthorized'), { name: 'AuthenticationError', status: 401 });
    const { app } = authorizationServer({
      dialog() {
        throw failed;
      },
    });
    assert.equal(redirected(await browser(app).authorize())['error'], 'access_denied');
  });

  it('a response mode that fails late is heard', async () => {
    const { app, errors } = authorizationServer({
      authorization: (server) =>
        server.authorization({ modes: { late: () => Promise.reject(new Error('no key')) } }, () => [CLIENT]),
      decision: (server) => server.decision({ modes: { late: () => Promise.reject(new Error('no key')) } }),
    });
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize({ response_mode: 'late' })).body;
    assertErrorHere(await decide(transactionID), 500, 'server_error');
    assert.ok(errors.some(({ message }) => message === 'no key'));
  });

  it('a code never leaves by another mode than was asked for', async () => {
    const { app } = authorizationServer({
      authorization: (server) => server.authorization({ modes: { own: () => {} } }, () => [CLIENT]),
    });
    const { code, error } = await browser(app).allow({ response_mode: 'own' });
    assert.deepEqual([code, error], [undefined, 'invalid_request']);
  });
});

describe('a transaction that is resumed', () => {
  it('ends ten minutes after it began, however often', async () => {
    let now = 1_000_000;
    const { app } = authorizationServer({
      options: { now: () => now },
      resume: (server) => server.resume(() => false),
    });
    const { agent, authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    now += 590;
    await agent.get('/resume').set('X-User', 'alice').query({ transaction_id: transactionID }).expect(200);
    now += 20;
    assertErrorHere(await decide(transactionID), 403, 'access_denied');
  });
});
