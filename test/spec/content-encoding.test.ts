/** RFC 9110 §8.4, §15.5.16: the toolkit reads no compressed body. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { bodyParser } from '@koa/bodyparser';
import request from 'supertest';
import { authorizationServer } from '../support/authorization-server.js';

const post = (coding: string, body: Buffer, before?: ReturnType<typeof bodyParser>) =>
  request(authorizationServer({ ...(before && { before }) }).app.callback())
    .post('/token')
    .auth('client', 'client-secret')
    .type('form')
    .set('Content-Encoding', coding)
    .serialize((bytes) => bytes as unknown as string)
    .send(body as never);

const OWN = 'grant_type=client_credentials';

describe('RFC 9110 §15.5.16 a token request with a Content-Encoding', () => {
  it('is refused with 415 that names the coding, and those that are accepted', async () => {
    const response = await post('gzip', gzipSync(OWN));
    assert.equal(response.status, 415);
    assert.deepEqual(response.body, {
      error: 'invalid_request',
      error_description: 'The request body has a Content-Encoding (gzip)',
    });
    assert.equal(response.headers['accept-encoding'], 'identity');
  });

  it('that is unknown is refused without repeating it: it may be a secret in the wrong header', async () => {
    const response = await post('a-secret', gzipSync(OWN));
    assert.deepEqual(
      [response.status, response.body.error_description],
      [415, 'The request body has a Content-Encoding'],
    );
  });

  it('§8.4.1 of identity is read', async () => {
    assert.equal((await post('Identity', Buffer.from(OWN))).status, 200);
  });

  it('is accepted if a body parser has decoded it', async () => {
    assert.equal((await post('gzip', gzipSync(OWN), bodyParser())).status, 200);
  });
});
