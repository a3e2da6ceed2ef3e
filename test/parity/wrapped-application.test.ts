/** The same over both versions of Koa: Koa 2 comes as `koa2`, where it is installed. */
import assert from 'node:assert/strict';
import Koa from 'koa';
import * as koauthorize from 'koauthorize';
import request from 'supertest';
import { redirected } from '../support/authorization-server.js';
import { noteNotTested } from '../support/not-tested.js';
import { application } from './wrapped-application.js';

const CALLBACK = 'https://shop.example/cb';
const REQUEST = {
  response_type: 'code',
  client_id: 'web',
  redirect_uri: CALLBACK,
  scope: 'read write',
  state: 'xyz',
  nonce: 'n1',
  device: 'phone',
};

const koa2: typeof Koa | undefined = await import(String('koa2')).then(
  (module) => module.default,
  () => undefined,
);
if (!koa2) noteNotTested('koa2');

const versions: readonly [what: string, version: typeof Koa | undefined][] = [
  ['Koa 3', Koa],
  ['Koa 2', koa2],
];

for (const [what, version] of versions) {
  if (!version) continue;
  describe(`an application with parsers by hand, wrapped modules and spread decisions, over ${what}`, () => {
    const make = () => application({ oauth2orize: koauthorize, Koa: version });
    type Made = ReturnType<typeof make>;

    async function asked({ app }: Made, more: object = {}) {
      const agent = request.agent(app.callback());
      await agent.post('/login').type('form').send({ username: 'bob', password: 'secret' }).expect(200);
      const response = await agent.get('/authorize').query({ ...REQUEST, ...more });
      const decide = (form: object = {}, path = '/decision') =>
        agent
          .post(path)
          .type('form')
          .send({ transaction_id: response.body.transactionID, ...form });
      return { response, decide };
    }
    const token = ({ app }: Made, form: object) => request(app.callback()).post('/token').type('form').send(form);

    it('draws its dialog from what its parsers read', async () => {
      const { response } = await asked(make());
      const { transactionID, ...rest } = response.body;
      assert.ok(transactionID);
      assert.deepEqual(rest, { key: 'web', client: 'Web shop', scopes: ['read', 'write'], nonce: 'n1' });
    });

    it('runs from the request to the API and a refresh, and its wrapped modules write down what happened', async () => {
      const made = make();
      const { decide } = await asked(made);
      const decided = await decide({ scope: 'read' }).expect('X-Audit', '1');
      const { code, state } = redirected(decided);
      assert.equal(state, 'xyz');

      const redeem = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK };
      const { body } = await token(made, redeem).auth('web', 'web-secret').expect(200);
      const { access_token, refresh_token, ...rest } = body;
      assert.deepEqual(rest, { expires_in: 3600, device: 'phone', token_type: 'Bearer' });
      const me = (bearer: string) => request(made.app.callback()).get('/api/me').auth(bearer, { type: 'bearer' });
      assert.deepEqual((await me(access_token).expect(200)).body, { name: 'Bob Smith', scope: ['read'] });

      const refresh = { grant_type: 'refresh_token', refresh_token, client_id: 'web', client_secret: 'web-secret' };
      const refreshed = await token(made, refresh).expect(200);
      assert.deepEqual((await me(refreshed.body.access_token).expect(200)).body.name, 'Bob Smith');
      assert.deepEqual(made.audit, [
        'allowed web on phone',
        'token request: authorization_code',
        'token request: refresh_token',
      ]);
      assert.deepEqual(made.errors, []);
    });

    it('denies, and its wrapped response writes that down', async () => {
      const made = make();
      const { decide } = await asked(made);
      assert.deepEqual(redirected(await decide({ cancel: 'No' })), { error: 'access_denied', state: 'xyz' });
      assert.deepEqual(made.audit, ['denied web on phone']);
    });

    it('shows a page with a code to a client that has nowhere to be redirected to', async () => {
      const made = make();
      const { decide } = await asked(made, { response_type: 'page', client_id: 'tv', redirect_uri: undefined });
      const { body } = await decide().expect(200);
      assert.equal(body.state, 'xyz');
      const redeem = { grant_type: 'authorization_code', code: body.code };
      const { access_token } = (await token(made, redeem).auth('tv', 'tv-secret').expect(200)).body;
      const me = await request(made.app.callback()).get('/api/me').auth(access_token, { type: 'bearer' });
      assert.deepEqual(me.body.scope, ['read', 'write']);
    });

    it('has its middleware between the two of a decision', async () => {
      const made = make();
      const minor = await asked(made, { nonce: 'minor' });
      const refused = await minor.decide({}, '/checked-decision');
      assert.equal(refused.headers['location'], undefined);
      const adult = await asked(made);
      assert.ok(redirected(await adult.decide({}, '/checked-decision'))['code']);
    });

    it('refuses what it refused before', async () => {
      const made = make();
      assert.equal((await asked(made, { redirect_uri: 'https://evil.example/' })).response.status, 403);
      assert.equal((await token(made, { grant_type: 'refresh_token' }).auth('web', 'wrong')).status, 401);
      const unknown = await token(made, { grant_type: 'nothing' }).auth('web', 'web-secret');
      assert.equal(unknown.body.error, 'unsupported_grant_type');
    });
  });
}
