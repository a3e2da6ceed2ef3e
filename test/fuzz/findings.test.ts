/** What the long run found, each as a test of its own. */
import assert from 'node:assert/strict';
import { client, clientAuthServer } from '../support/client-auth.js';
import { postChunks } from '../support/form.js';

describe('RFC 9112 §7.1: a body in chunks of which there are none', () => {
  it('is an empty form to both of those who read it: client authentication, and the token endpoint', async () => {
    const { app } = clientAuthServer({ clients: [client('client', { client_secret: 'client-secret' })] });
    const { status, body } = await postChunks(app, []);
    assert.deepEqual([status, JSON.parse(body).error], [400, 'invalid_request']); // no grant_type
  });
});
