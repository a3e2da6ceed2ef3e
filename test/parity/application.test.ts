import assert from 'node:assert/strict';
import * as koauthorize from 'koauthorize';
import request from 'supertest';
import { redirected } from '../support/authorization-server.js';
import { application } from './application.js';

const REDIRECT_URI = 'https://samplr.example/cb';
const REQUEST = { response_type: 'code', client_id: 'abc123', redirect_uri: REDIRECT_URI, scope: 'read', state: 'xyz' };
const SECRET = { client_id: 'abc123', client_secret: 'ssh-secret' };

for (const passport of [false, true]) {
  describe(`an application written for oauth2orize-koa, ${passport ? 'with' : 'without'} passport`, () => {
    const { app } = application({ oauth2orize: koauthorize, passport });

    async function loggedIn() {
      const agent = request.agent(app.callback());
      await agent.post('/login').type('form').send({ username: 'bob', password: 'secret' }).expect(200);
      return agent;
    }

    const token = (params: object) => request(app.callback()).post('/token').type('form').send(params);

    async function code(): Promise<string> {
      const agent = await loggedIn();
      const { body } = await agent.get('/dialog/authorize').query(REQUEST).expect(200);
      const form = { transaction_id: body.transactionID, scope: 'read' };
      const { code } = redirected(await agent.post('/dialog/authorize/decision').type('form').send(form));
      assert.ok(code);
      return code;
    }

    it('draws its dialog', async () => {
      const { body } = await (await loggedIn()).get('/dialog/authorize').query(REQUEST).expect(200);
      const { transactionID, ...rest } = body;
      assert.match(transactionID, /^[\w-]{22}$/);
      assert.deepEqual(rest, { user: 'Bob Smith', client: 'Samplr', scope: ['read'] });
    });

    it('has its code, its tokens and its API', async () => {
      const params = { grant_type: 'authorization_code', code: await code(), redirect_uri: REDIRECT_URI };
      const { body } = await token({ ...params, ...SECRET }).expect(200);
      assert.deepEqual(Object.keys(body).sort(), ['access_token', 'expires_in', 'refresh_token', 'token_type']);
      assert.equal(body.token_type, 'Bearer');
      const api = request(app.callback()).get('/api/userinfo');
      assert.deepEqual((await api.auth(body.access_token, { type: 'bearer' })).body, { user: '1', client: 'abc123' });

      const refreshed = await token({ grant_type: 'refresh_token', refresh_token: body.refresh_token, ...SECRET });
      assert.equal(refreshed.status, 200);
      assert.deepEqual(Object.keys(refreshed.body).sort(), ['access_token', 'token_type']);
      await token({ ...params, ...SECRET }).expect(400, {
        error: 'invalid_grant',
        error_description: 'Invalid authorization code',
      });
    });

    it('has its code refused to another redirect URI', async () => {
      const params = { grant_type: 'authorization_code', code: await code(), redirect_uri: 'https://evil.example/' };
      assert.equal((await token({ ...params, ...SECRET }).expect(400)).body.error, 'invalid_grant');
    });

    it('has its cancel button', async () => {
      const agent = await loggedIn();
      const { body } = await agent.get('/dialog/authorize').query(REQUEST).expect(200);
      const form = { transaction_id: body.transactionID, cancel: 'Deny' };
      const response = await agent.post('/dialog/authorize/decision').type('form').send(form).expect(303);
      assert.deepEqual(redirected(response), { error: 'access_denied', state: 'xyz' });
    });

    it('answers trusted clients at once, and with a token in the fragment where they ask for one', async () => {
      const trusted = { ...REQUEST, client_id: 'xyz789', redirect_uri: 'https://trusty.example/cb' };
      const agent = await loggedIn();
      assert.ok(redirected(await agent.get('/dialog/authorize').query(trusted).expect(302))['code']);
      const implicit = await agent
        .get('/dialog/authorize')
        .query({ ...trusted, response_type: 'token' })
        .expect(302);
      assert.match(implicit.headers['location'] ?? '', /^https:\/\/trusty\.example\/cb#/);
      const { access_token, ...rest } = redirected(implicit);
      assert.ok(access_token);
      assert.deepEqual(rest, { token_type: 'Bearer', expires_in: '3600', state: 'xyz' });
    });

    const refusals: readonly [what: string, change: object][] = [
      ['an unknown client', { client_id: 'nobody' }],
      ['a redirect URI that is not the one registered', { redirect_uri: 'https://evil.example/' }],
    ];
    for (const [what, change] of refusals) {
      it(`tells the resource owner, and nobody else, of ${what}`, async () => {
        const agent = await loggedIn();
        const response = await agent.get('/dialog/authorize').query({ ...REQUEST, ...change });
        assert.equal(response.status, 403);
        assert.equal(response.headers['location'], undefined);
        assert.deepEqual(response.body, { error: 'unauthorized_client', error_description: 'Unauthorized client' });
      });
    }

    const exchanges: readonly [params: object, status: number, body: object | undefined][] = [
      [{ grant_type: 'password', username: 'bob', password: 'secret' }, 200, undefined],
      [
        { grant_type: 'password', username: 'bob', password: 'wrong' },
        400,
        { error: 'invalid_grant', error_description: 'Invalid resource owner credentials' },
      ],
      [{ grant_type: 'client_credentials' }, 200, undefined],
      [{ grant_type: 'urn_example_echo', assertion: 'hi' }, 200, { access_token: 'echo-hi', token_type: 'Bearer' }],
      [
        { grant_type: 'urn_example_echo' },
        400,
        { error: 'unsupported_grant_type', error_description: 'Unsupported grant type: urn_example_echo' },
      ],
      [
        { grant_type: 'refresh_token', refresh_token: 'unknown' },
        400,
        { error: 'invalid_grant', error_description: 'Invalid refresh token' },
      ],
    ];
    for (const [params, status, body] of exchanges) {
      it(`answers ${JSON.stringify(params)} with ${status}`, async () => {
        const response = await token({ ...params, ...SECRET });
        assert.equal(response.status, status);
        if (body) assert.deepEqual(response.body, body);
        else assert.ok(response.body.access_token);
      });
    }

    it('refuses a client with a wrong secret', async () => {
      await token({ grant_type: 'client_credentials', client_id: 'abc123', client_secret: 'wrong' }).expect(401);
    });

    if (passport) {
      it('takes Basic as well', async () => {
        const response = await token({ grant_type: 'client_credentials' }).auth('abc123', 'ssh-secret');
        assert.equal(response.status, 200);
      });
    }
  });
}
