/** The recipes of docs/recipes.md for a client that logs its users in and calls one API: what an API in a process of its own makes of the tokens. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa from 'koa';
import { bearer, jwtVerifier } from 'koauthorize/resource-server';
import request from 'supertest';
import { recipe } from './readme/recipe.js';
import { encode } from './support/form.js';

const [ISSUER, API] = ['https://as.example', 'https://api.example'];
const CODE = {
  response_type: 'code',
  client_id: 'web',
  scope: 'openid profile notes',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
};
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

type Parameters = Readonly<Record<string, string | readonly string[]>>;

describe('recipes: a partner that logs in by OpenID Connect, and calls one API', () => {
  /** The server of a recipe, a client of it, and an API elsewhere, which knows the issuer alone. */
  async function setUp(block: string) {
    const koa = await recipe(block, 'koa');
    koa.silent = true;
    const agent = request.agent(koa.callback());
    const fetch = async (url: string) => {
      const { pathname } = new URL(url);
      const { status, body } = await agent.get(pathname);
      return Response.json(body, { status });
    };
    const apiOf = (audience: string) => {
      const router = new Router();
      router.get('/notes', bearer({ verify: jwtVerifier({ issuer: ISSUER, audience, fetch }) }), (ctx) => {
        ctx.body = { notesOf: ctx.state['token'].subject };
      });
      return async (token: string) =>
        (await request(new Koa().use(router.routes()).callback()).get('/notes').auth(token, { type: 'bearer' })).status;
    };
    const exchange = async (form: Parameters) =>
      agent.post('/token').auth('web', 'a secret').type('form').send(encode(form));
    return {
      exchange,
      at: { api: apiOf(API), other: apiOf('https://mail.example') },
      userinfo: async (token: string) => (await agent.get('/userinfo').auth(token, { type: 'bearer' })).status,
      async login(more: Parameters, atToken: Parameters) {
        const { body } = await agent.get('/authorize').query(encode({ ...CODE, ...more }));
        const { headers } = await agent.post('/authorize/decision').type('form').send(body);
        const code = new URL(headers['location'] ?? '').searchParams.get('code') ?? '';
        return exchange({ grant_type: 'authorization_code', code, code_verifier: VERIFIER, ...atToken });
      },
    };
  }

  it('one token for both: the API and UserInfo take it, another API does not', async () => {
    const { login, at, userinfo } = await setUp('partner');
    const { body } = await login({}, {});
    const token = body.access_token;
    assert.deepEqual([await at.api(token), await at.other(token), await userinfo(token)], [200, 401, 200]);
    assert.equal(await at.api(body.id_token), 401, 'an ID token is no access token');
  });

  it('a token for each: neither takes that of the other, and each refresh chooses', async () => {
    const { login, exchange, at, userinfo } = await setUp('partner-apart');
    const first = (await login({ resource: [ISSUER, API] }, { resource: API })).body;
    assert.deepEqual([await at.api(first.access_token), await userinfo(first.access_token)], [200, 401]);
    const refresh = async (resource: string, { refresh_token }: { refresh_token: string }) =>
      (await exchange({ grant_type: 'refresh_token', refresh_token, resource })).body;
    const second = await refresh(ISSUER, first);
    assert.deepEqual([await at.api(second.access_token), await userinfo(second.access_token)], [401, 200]);
    const third = await refresh(API, second);
    assert.deepEqual([await at.api(third.access_token), await at.other(third.access_token)], [200, 401]);
    for (const { id_token } of [first, second, third]) assert.match(id_token, /^ey/);
  });

  it('a token for each: who names no resource only logs users in, and who names one gets no token for the other', async () => {
    const { login, exchange, at, userinfo } = await setUp('partner-apart');
    const none = (await login({}, {})).body;
    assert.deepEqual([await at.api(none.access_token), await userinfo(none.access_token)], [401, 200]);
    const { body } = await login({ resource: API }, {});
    assert.deepEqual([await at.api(body.access_token), await userinfo(body.access_token)], [200, 401]);
    const { refresh_token } = body;
    const other = await exchange({ grant_type: 'refresh_token', refresh_token, resource: ISSUER });
    assert.deepEqual([other.status, other.body.error], [400, 'invalid_target']);
  });
});
