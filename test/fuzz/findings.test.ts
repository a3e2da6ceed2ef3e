/** What the long run found, each as a test of its own. */
import assert from 'node:assert/strict';
import request from 'supertest';
import { client, clientAuthServer } from '../support/client-auth.js';
import { postChunks } from '../support/form.js';
import { forged } from '../support/request-object.js';
import { openExtendedHouse } from './extended-house.js';

describe('RFC 9112 §7.1: a body in chunks of which there are none', () => {
  it('is an empty form to both of those who read it: client authentication, and the token endpoint', async () => {
    const { app } = clientAuthServer({ clients: [client('client', { client_secret: 'client-secret' })] });
    const { status, body } = await postChunks(app, []);
    assert.deepEqual([status, JSON.parse(body).error], [400, 'invalid_request']); // no grant_type
  });
});

describe('a JWT header whose alg is an object that no text can be made of', () => {
  const jwt = forged({ alg: { toString: 1 }, typ: 'dpop+jwt', jwk: {} }, {}, 'x');

  it('is refused in the form of the RFC, in a request object and in a DPoP proof', async () => {
    const { app, close } = await openExtendedHouse();
    const answers = [
      await request(app.callback()).get('/authorize').query({ client_id: 'web', request: jwt }),
      await request(app.callback()).post('/token').set('DPoP', jwt).type('form').send({
        client_id: 'spa',
        grant_type: 'authorization_code',
        code: 'x',
      }),
    ];
    close();
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.error]),
      [
        [400, 'invalid_request_object'],
        [400, 'invalid_dpop_proof'],
      ],
    );
  });
});
