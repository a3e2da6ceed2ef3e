/** An extension says what the parameters of an authorization request stand for. */
import assert from 'node:assert/strict';
import type { Context } from 'koa';
import { AuthorizationError, type AuthorizationRequest, grant, scopeOf } from 'koauthorize';
import { judgeAuthorizationRequest, readPostedParams, toParams } from 'koauthorize/extending';
import request from 'supertest';
import { authorizationServer, browser, CLIENT, OTHER, REQUEST, redirected } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { pluggedServer, type TestPlug } from '../support/plugged-server.js';

declare module 'koauthorize' {
  interface AuthorizationRequest {
    readonly readings?: unknown;
  }
}

/** As a signed request object does: `packed` is all the parameters, as JSON. */
const packed = (name = 'packed'): TestPlug => ({
  name,
  parameters: ['packed'],
  authorization: {
    resolve(params) {
      const text = params.get('packed');
      if (text === undefined) return undefined;
      if (text === 'wrong') throw new AuthorizationError('It cannot be read', 'invalid_request_object');
      return toParams(new Map(Object.entries(JSON.parse(text) as Record<string, string>)));
    },
  },
});

const PACKED = JSON.stringify({ ...REQUEST, scope: 'packed', state: 'packed' });

describe('resolve', () => {
  it('gives the parameters, and those beside them do not count: once, several times, or malformed', async () => {
    const { app } = pluggedServer({ plugs: [packed()] });
    const { agent, decide } = browser(app);
    const beside = {
      client_id: CLIENT.client_id,
      scope: ['read', 'write'],
      state: 'beside',
      response_type: '"',
      packed: PACKED,
    };
    const dialog = await agent.get('/authorize').set('X-User', 'alice').query(beside).expect(200);
    assert.deepEqual(dialog.body.req.scope, ['packed']);
    assert.equal(redirected(await decide(dialog.body.transactionID))['state'], 'packed');
  });

  it('gives nothing, and the parameters stand for themselves', async () => {
    const { app } = pluggedServer({ plugs: [packed()] });
    assert.deepEqual((await browser(app).authorize()).body.req.scope, ['read', 'write']);
  });

  it('a request of another client than client_id names gets an error page, and no redirect', async () => {
    const { app } = pluggedServer({ plugs: [packed()] });
    const open = (client_id: string | readonly string[]) =>
      browser(app).agent.get('/authorize').query({ client_id, packed: PACKED });
    assertErrorHere(await open(OTHER.client_id), 400, 'invalid_request');
    assertErrorHere(await open([CLIENT.client_id, CLIENT.client_id]), 400, 'invalid_request');
    await open(CLIENT.client_id).expect(200);
  });

  it('what it throws is an error page: nobody is trusted yet', async () => {
    const { app } = pluggedServer({ plugs: [packed()] });
    assertErrorHere(await browser(app).authorize({ packed: 'wrong' }), 400, 'invalid_request_object');
  });

  it('what it gives is judged as what was sent is', async () => {
    const { app } = pluggedServer({ plugs: [packed()] });
    const open = async (more: object) =>
      browser(app)
        .agent.get('/authorize')
        .query({ packed: JSON.stringify({ ...REQUEST, ...more }) });
    assert.equal(redirected(await open({ scope: '"' }))['error'], 'invalid_scope');
    assert.equal(redirected(await open({ code_challenge_method: 'x' }))['error'], 'invalid_request');
    assertErrorHere(await open({ redirect_uri: 'https://evil.example/' }), 400, 'invalid_request');
    assertErrorHere(await open({ client_id: '' }), 403, 'unauthorized_client');
  });

  it('two extensions that both answer are an error of the operator, and no choice', async () => {
    const { app, errors } = pluggedServer({ plugs: [packed(), packed('again')] });
    assertErrorHere(await browser(app).authorize({ packed: PACKED }), 500, 'server_error');
    assert.match(errors[0]?.message ?? '', /packed and again both say what the request stands for/);
    await browser(app).authorize().expect(200);
  });
});

describe('a request parser by hand', () => {
  /** Reads `nonce` from every place where Koa and body parsers have it. */
  const read = (ctx: Context): Partial<AuthorizationRequest> => ({
    readings: {
      query: ctx.query['nonce'],
      request: ctx.request.query['nonce'],
      text: new URLSearchParams(ctx.querystring).get('nonce'),
      search: new URLSearchParams(ctx.request.search).get('nonce'),
      body: (ctx.request as { body?: Record<string, unknown> }).body?.['nonce'],
      agent: ctx.get('X-User'),
    },
  });
  const NONCE = { query: 'n', request: 'n', text: 'n', search: 'n', body: 'n', agent: 'alice' };

  it('sees what resolve gave, and the headers of the request', async () => {
    const { app } = pluggedServer({ plugs: [packed()], plug: (server) => server.grant('code', 'request', read) });
    const { body } = await browser(app).authorize({
      packed: JSON.stringify({ ...REQUEST, nonce: 'n' }),
      nonce: 'other',
    });
    assert.deepEqual(body.req.readings, NONCE);
  });

  it('of a wrapped module sees it, too', async () => {
    const { app } = authorizationServer({
      plug(server) {
        const module = grant.code<typeof CLIENT, { readonly id: string; readonly name: string }>(() => 'code');
        const { request } = module;
        module.request = async (ctx) => ({ ...(await request(ctx)), ...read(ctx) });
        server.grant(module).extend(packed());
      },
    });
    const text = JSON.stringify({ ...REQUEST, scope: 'packed', nonce: 'n' });
    const { body } = await browser(app).authorize({ packed: text, scope: 'beside' });
    assert.deepEqual([scopeOf(body.req), body.req.readings], [['packed'], NONCE]);
  });

  it('sees the parameters of a request that came in elsewhere', async () => {
    const seen: AuthorizationRequest[] = [];
    const elsewhere: TestPlug = (core) => ({
      name: 'elsewhere',
      routes: {
        elsewhere: {
          path: '/elsewhere',
          methods: ['POST'],
          async handler(ctx) {
            const params = await readPostedParams(ctx, core.parameters);
            seen.push(await judgeAuthorizationRequest(core, ctx, { client: CLIENT, params }));
            ctx.status = 204;
          },
        },
      },
    });
    const { app } = pluggedServer({
      plug: (server) => server.grant('code', 'request', read),
      routes: (router, server) => router.post('/elsewhere', server.endpoint(elsewhere)),
    });
    const form = { ...REQUEST, nonce: 'n' };
    await request(app.callback()).post('/elsewhere').set('X-User', 'alice').type('form').send(form).expect(204);
    assert.deepEqual(seen[0]?.readings, NONCE);
    const others = { ...form, client_id: OTHER.client_id, redirect_uri: OTHER.redirect_uris[0] };
    const another = await request(app.callback()).post('/elsewhere').type('form').send(others);
    assertErrorHere(another, 400, 'invalid_request'); // RFC 9126 §2.1: the client that has authenticated
    assert.match(another.body.error_description, /names another client/);
  });
});
