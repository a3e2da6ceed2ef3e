/** The doctor comes to an end, whatever the server does. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { diagnose } from 'koauthorize/doctor';
import { soundMetadata } from '../support/patient.js';

/** What the doctor says of a server that answers so, once it has said where its endpoints are. */
async function diagnosed(answer: RequestListener, options: object = {}) {
  const http = createServer((req, res) => {
    if (req.url?.startsWith('/.well-known/oauth-authorization-server')) res.end(JSON.stringify(soundMetadata(url)));
    else answer(req, res);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  try {
    const { findings } = await diagnose({ url }, { only: ['endpointMissing', 'errorHandlerPlace'], ...options });
    return findings.map(({ rule, found }) => `${rule}: ${found.replaceAll(url, '')}`);
  } finally {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  }
}

const SILENT = [
  'endpointMissing: authorization_endpoint is /authorize, which does not answer',
  'endpointMissing: token_endpoint is /token, which does not answer',
  'endpointMissing: revocation_endpoint is /revoke, which does not answer',
];

describe('the doctor of a server that', () => {
  it('never answers gives up after the timeout', async () => {
    assert.deepEqual(await diagnosed((req) => void req.resume(), { timeout: 0.2 }), SILENT);
  });

  it('stops in the middle of an answer gives up after the timeout', async () => {
    assert.deepEqual(await diagnosed((_req, res) => void res.write('{'), { timeout: 0.2 }), SILENT);
  });

  it('sends without end reads 256 KiB', async () => {
    let most = 0;
    const endless: RequestListener = (_req, res) => {
      let sent = 0;
      const chunk = 'x'.repeat(16 * 1024);
      const more = () => {
        while (!res.destroyed && res.write(chunk)) sent += chunk.length;
        most = Math.max(most, sent);
      };
      res.on('drain', more);
      more();
    };
    const found = await diagnosed(endless);
    assert.deepEqual(found, [
      'errorHandlerPlace: /token answers an error with 200 and nothing, not with a JSON object that has "error"',
    ]);
    assert.ok(most < 64 * 1024 * 1024, `${most}`);
  });

  it('redirects is not followed', async () => {
    const paths: string[] = [];
    await diagnosed((req, res) => {
      paths.push(req.url ?? '');
      res.writeHead(302, { Location: '/elsewhere' }).end();
    });
    assert.ok(paths.length > 3 && !paths.includes('/elsewhere'));
  });
});
