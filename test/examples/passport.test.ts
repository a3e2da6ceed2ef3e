/** examples/passport, as its users use it. */
import assert from 'node:assert/strict';
import request from 'supertest';
import { passportServer } from '../../examples/passport/server.js';
import { assertErrorHere, assertInvalidClient } from '../support/form.js';

describe('examples/passport', () => {
  const app = passportServer();
  app.silent = true;
  const agent = request(app.callback());
  const grant = { grant_type: 'client_credentials', scope: 'lamps' };
  const secret = { client_id: 'robot', client_secret: 'beep' };

  for (const path of ['/token', '/token/as-before']) {
    it(`${path}: Basic and form get a token, which opens the API`, async () => {
      for (const response of [
        await agent.post(path).auth('robot', 'beep').type('form').send(grant),
        await agent
          .post(path)
          .type('form')
          .send({ ...grant, ...secret }),
      ]) {
        assert.deepEqual([response.status, response.body.scope], [200, 'lamps'], response.text);
        const { access_token } = response.body;
        const lamps = await agent.get('/lamps').auth(access_token, { type: 'bearer' }).expect(200);
        assert.deepEqual(lamps.body, { lamps: 'on', for: 'robot' });
      }
    });

    it(`${path}: a wrong secret, or none, is invalid_client in JSON`, async () => {
      assertInvalidClient(await agent.post(path).auth('robot', 'boop').type('form').send(grant));
      assertInvalidClient(
        await agent
          .post(path)
          .type('form')
          .send({ ...grant, ...secret, client_secret: 'boop' }),
      );
      assertInvalidClient(await agent.post(path).type('form').send(grant));
    });
  }

  it('the API refuses what passport-http-bearer refuses, in JSON and with its challenge', async () => {
    const wrong = await agent.get('/lamps').auth('wrong', { type: 'bearer' });
    assertErrorHere(wrong, 401, 'invalid_token');
    assert.match(wrong.headers['www-authenticate'] ?? '', /^Bearer realm="Users", error="invalid_token"/);
    const none = await agent.get('/lamps');
    assert.deepEqual([none.status, none.headers['www-authenticate']], [401, 'Bearer realm="Users"']);
    const doubled = await agent.get('/lamps?access_token=a').auth('b', { type: 'bearer' });
    assert.equal(doubled.status, 400);
  });

  it('a token without the scope is 403', async () => {
    const { body } = await agent
      .post('/token')
      .auth('robot', 'beep')
      .type('form')
      .send({ ...grant, scope: 'doors' });
    await agent.get('/lamps').auth(body.access_token, { type: 'bearer' }).expect(403);
  });
});
