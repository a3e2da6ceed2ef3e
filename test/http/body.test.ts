/** What cannot be read must be said, and never waited for. The limits: test/spec/rfc6749/token-endpoint.test.ts */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Context } from 'koa';
import { readText } from '../../lib/http/body.js';

const contextWith = (req: PassThrough) => ({ req, request: {} }) as unknown as Context;

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
});
