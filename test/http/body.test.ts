/** What cannot be read must be said, and never waited for. The limits: test/spec/rfc6749/token-endpoint.test.ts */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import type { Context } from 'koa';
import { readText } from '../../lib/http/body.js';
import { authorizationServer } from '../support/authorization-server.js';

const contextWith = (req: PassThrough) =>
  ({ req: Object.assign(req, { headers: {} }), request: {} }) as unknown as Context;

describe('http/body', () => {
  it('a client that left before anyone read is not waited for', async () => {
    const req = new PassThrough();
    req.write('a=');
    req.destroy();
    await once(req, 'close');
    await assert.rejects(readText(contextWith(req)), { status: 400, message: /cut off/ });
  });

  it('a client that leaves in the middle is not waited for', async () => {
    const req = new PassThrough();
    const reading = readText(contextWith(req));
    req.write('a=');
    req.destroy();
    await assert.rejects(reading, { status: 400, message: /cut off/ });
  });

  describe('HTTP/2, where no header need tell of a body', () => {
    /** A token request, of so many parts. */
    async function post(parts: readonly string[], endStream = false): Promise<unknown> {
      const { app } = authorizationServer();
      const server = http2.createServer(app.callback()).listen(0);
      const client = http2.connect(`http://localhost:${(server.address() as AddressInfo).port}`);
      try {
        const headers = {
          ':method': 'POST',
          ':path': '/token',
          authorization: `Basic ${btoa('client:client-secret')}`,
          'content-type': 'application/x-www-form-urlencoded',
        };
        const stream = client.request(headers, { endStream });
        for (const part of parts) stream.write(part);
        stream.end();
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk);
        return JSON.parse(Buffer.concat(chunks).toString());
      } finally {
        client.close();
        server.close();
      }
    }

    it('it is read', async () => {
      const answer = await post(['grant_type=client_', 'credentials']);
      assert.equal((answer as { token_type: string }).token_type, 'Bearer');
    });

    it('too large a one is answered, and its stream ended: nobody waits for the rest', async () => {
      const error_description = 'The request body is too large';
      assert.deepEqual(await post(Array(20).fill('x'.repeat(10_000))), { error: 'invalid_request', error_description });
    });

    it('RFC 9113 §8.1: its stream is closed after the answer, though the client goes on and has declared no length', async () => {
      const { app } = authorizationServer();
      const server = http2.createServer(app.callback()).listen(0);
      const client = http2.connect(`http://localhost:${(server.address() as AddressInfo).port}`);
      try {
        const headers = { ':method': 'POST', ':path': '/token', 'content-type': 'application/x-www-form-urlencoded' };
        const stream = client.request({ ...headers, authorization: `Basic ${btoa('client:client-secret')}` });
        stream.write('x'.repeat(70_000));
        const chunks: Buffer[] = [];
        stream.on('data', (chunk) => chunks.push(chunk));
        const signal = AbortSignal.timeout(1000);
        await once(stream, 'close', { signal });
        assert.equal(JSON.parse(Buffer.concat(chunks).toString()).error_description, 'The request body is too large');
        assert.equal(stream.rstCode, http2.constants.NGHTTP2_NO_ERROR);
      } finally {
        client.destroy();
        server.close();
      }
    });

    it('and none is waited for', async () => {
      const error_description = 'Missing required parameter: grant_type';
      const options = [false, true];
      for (const endStream of options)
        assert.deepEqual(await post([], endStream), { error: 'invalid_request', error_description });
    });
  });
});
