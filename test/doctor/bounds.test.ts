/** The doctor comes to an end, whatever the server does. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer as createHTTP, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { createServer } from 'koauthorize';
import { diagnose, formatDiagnosis } from 'koauthorize/doctor';
import { soundMetadata } from '../support/patient.js';

/** What the doctor says of a server that answers so, once it has said where its endpoints are. */
async function diagnosed(answer: RequestListener, options: object = {}) {
  const http = createHTTP((req, res) => {
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
    assert.deepEqual(await diagnosed((req) => void req.resume(), { timeout: 1 }), SILENT);
  });

  it('stops in the middle of an answer gives up after the timeout', async () => {
    assert.deepEqual(await diagnosed((_req, res) => void res.write('{'), { timeout: 1 }), SILENT);
  });

  it('breaks off in the middle of an answer is a server that does not answer', async () => {
    assert.deepEqual(await diagnosed((_req, res) => void res.write('{', () => res.destroy())), SILENT);
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

describe('the doctor of an application', () => {
  it('is asked for one rule at the least: no findings would read as nothing that is wrong', async () => {
    for (const options of [{ only: [] }, { only: ['keyAge'], without: ['keyAge'] }])
      await assert.rejects(diagnose({ app: new Koa() }, options), /^TypeError: No rule is chosen$/);
  });

  it('asks it at a port that only this machine reaches, and leaves its errors to whoever hears them later', async () => {
    const app = new Koa();
    const addresses = new Set<unknown>();
    app.use((ctx) => {
      const { server } = ctx.req.socket as { readonly server?: Server };
      addresses.add((server?.address() as AddressInfo | undefined)?.address);
      throw new Error('of a request that no client would send');
    });
    const printed: unknown[] = [];
    const { error } = console;
    console.error = (...args) => void printed.push(args);
    try {
      await diagnose({ app, server: createServer({ issuer: 'https://as.example' }) });
    } finally {
      console.error = error;
    }
    assert.deepEqual([...addresses], ['127.0.0.1']);
    assert.deepEqual(printed, []);
    assert.equal(app.listenerCount('error'), 0); // else the errors of the running application would be heard by nobody
  });
});

/** What is said of a server with these metadata and these keys. */
async function saidOf(more: (url: string) => object, keys: readonly object[] = []): Promise<string> {
  const http = createHTTP((req, res) => {
    const isMetadata = req.url?.startsWith('/.well-known/oauth-authorization-server');
    res.end(JSON.stringify(isMetadata ? { ...soundMetadata(url), jwks_uri: `${url}/jwks`, ...more(url) } : { keys }));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  try {
    return formatDiagnosis(await diagnose({ url }));
  } finally {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  }
}

describe('the doctor of the keys of a server', () => {
  it('finds an RSA key of less than 2,048 bits, with zeros in front, too, and none of 2,048', async () => {
    const modulus = (modulusLength: number): Buffer => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
      return Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url');
    };
    const key = (kid: string, n: Buffer) => ({ kty: 'RSA', kid, n: n.toString('base64url'), e: 'AQAB' });
    const short = modulus(1024);
    const padded = Buffer.concat([Buffer.alloc(128), short]);
    const keys = [key('short', short), key('padded', padded), key('even', modulus(2040))];
    const said = await saidOf(() => ({}), [...keys, key('good', modulus(2048)), key('zero', Buffer.alloc(256))]);
    const found = [...said.matchAll(/weakAlgorithm: (.*)/g)].map(([, each]) => each);
    assert.deepEqual(
      found.map((each) => each?.replace('The RSA key ', '')),
      ['short has 1024 bits', 'padded has 1024 bits', 'even has 2040 bits', 'zero has 0 bits'],
    );
  });
});

describe('the doctor of a hostile server', () => {
  it('reports that an endpoint does not answer if its URL is not of HTTP', async () => {
    for (const jwks_uri of ['urn:example:keys', 'ftp://as.example/keys', 'javascript:1', 'http://127.0.0.1:0/'])
      assert.ok(
        (await saidOf(() => ({ jwks_uri }))).includes(`jwks_uri is ${jwks_uri}, which does not answer`),
        jwks_uri,
      );
  });

  it('reports a key even if its kid is not text', async () => {
    const kid = { toString: 1, valueOf: 1 };
    const keys = [
      { kty: 'EC', kid, d: 'x' },
      { kty: 'RSA', kid, n: 'x' },
    ];
    const said = await saidOf(() => ({}), keys);
    assert.match(said, /privateKeyPublished: The key .* is published with d/);
    assert.match(said, /weakAlgorithm: The RSA key /);
  });

  it('is printed as lines of plain text: the server cannot colour the terminal, set its title or forge a line', async () => {
    const forged = '\u001b[2J\u001b]0;owned\u0007\r0 errors\n\nerror      made: up\u009b1m\u202e';
    const said = await saidOf(
      (url) => ({ issuer: `${url}/${forged}`, response_types_supported: [`code ${forged}`, `token ${forged}`] }),
      [{ kty: 'EC', kid: forged, d: 'x' }],
    );
    assert.match(said, /implicitGrant: The response type token/);
    assert.doesNotMatch(said, /[^\P{C}\n]/u);
    assert.doesNotMatch(said, /^error +made/m);
  });
});
