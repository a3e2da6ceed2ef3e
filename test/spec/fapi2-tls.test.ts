/** FAPI 2.0 Security Profile §5.2.1, §5.2.2: what `tlsOptions()` lets in, by real connections. */
import assert from 'node:assert/strict';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import tls, { type ConnectionOptions, type SecureVersion } from 'node:tls';
import { tlsOptions } from 'koauthorize/client-auth';
import { type Identity, makeCA, selfSigned } from '../support/certificates.js';

/** RFC 9325 §4.2 */
const RECOMMENDED: readonly string[] = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
];

/** Suites of TLS 1.2 that work with a certificate alone, without a secret that both sides know. */
const SUITES = tls
  .getCiphers()
  .map((name) => name.toUpperCase())
  .filter((name) => !/^TLS_|PSK|SRP|NULL|ADH|AECDH/.test(name));

describe('FAPI 2.0 §5.2: TLS, where Node itself speaks it', () => {
  let rsa: Identity;
  let ec: Identity;
  let ca: Identity;
  const servers: https.Server[] = [];

  before(async () => {
    rsa = await selfSigned({ subject: 'CN=localhost', algorithm: 'RSA' });
    ec = await selfSigned({ subject: 'CN=localhost' });
    ca = await makeCA();
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** A server with a certificate for each kind of signature, so that no suite is refused for want of one. */
  async function serve(options: https.ServerOptions): Promise<number> {
    const both = { cert: [rsa.cert, ec.cert], key: [rsa.key, ec.key] };
    const server = https.createServer({ ...both, ...options }, (request, response) => {
      const { authorized } = request.socket as tls.TLSSocket;
      const presented = (request.socket as tls.TLSSocket).getPeerX509Certificate()?.subject;
      response.end(JSON.stringify({ presented, authorized }));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, resolve));
    return (server.address() as AddressInfo).port;
  }

  /** What was agreed on; undefined where the handshake failed. */
  function handshake(port: number, options: ConnectionOptions): Promise<string | undefined> {
    return new Promise((resolve) => {
      const socket = tls.connect({ port, rejectUnauthorized: false, ...options }, () => {
        resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
        socket.destroy();
      });
      socket.on('error', () => resolve(undefined));
    });
  }
  const at1_2 = (ciphers: string): ConnectionOptions => ({
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    ciphers: `${ciphers}:@SECLEVEL=0`,
  });
  async function taken(port: number): Promise<readonly string[]> {
    const names: string[] = [];
    for (const name of SUITES) if ((await handshake(port, at1_2(name))) !== undefined) names.push(name);
    return names;
  }

  it('§5.2.2 with TLS 1.2 the four suites that BCP 195 recommends work, and no other that OpenSSL has', async () => {
    assert.ok(SUITES.some((name) => /SHA$|CBC/.test(name)) && SUITES.length > 20, SUITES.join(' '));
    const port = await serve(tlsOptions());
    assert.deepEqual([...(await taken(port))].sort(), [...RECOMMENDED].sort());
  });
  it('(without tlsOptions() a server of Node takes CBC, so that the test above can fail)', async () => {
    const names = await taken(await serve({}));
    assert.ok(names.includes('ECDHE-RSA-AES128-SHA256') && names.includes('AES128-SHA'), names.join(' '));
  });
  it('§5.2.1 TLS 1.0 and 1.1 are refused, whatever the client offers', async () => {
    const port = await serve(tlsOptions());
    const old = await serve({ minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' });
    for (const maxVersion of ['TLSv1', 'TLSv1.1'] as SecureVersion[]) {
      const options: ConnectionOptions = { minVersion: 'TLSv1', maxVersion, ciphers: 'ALL:@SECLEVEL=0' };
      assert.match((await handshake(old, options)) ?? 'refused', /^TLSv1/, 'the client of this test can speak it');
      assert.equal(await handshake(port, options), undefined, maxVersion);
    }
  });
  it('§5.2.1 they are refused though an application adds suites of its own, and Node is told to speak them', async () => {
    const usual = tls.DEFAULT_MIN_VERSION;
    tls.DEFAULT_MIN_VERSION = 'TLSv1';
    try {
      const port = await serve({ ...tlsOptions(), ciphers: 'ALL:@SECLEVEL=0' });
      const options: ConnectionOptions = { maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' };
      const old = await serve({ ciphers: 'ALL:@SECLEVEL=0' });
      assert.match((await handshake(old, options)) ?? 'refused', /^TLSv1\.1/, 'the client of this test can speak it');
      assert.equal(await handshake(port, options), undefined);
    } finally {
      tls.DEFAULT_MIN_VERSION = usual;
    }
  });
  it('TLS 1.3 is what a client gets that can speak it', async () => {
    assert.match((await handshake(await serve(tlsOptions()), {})) ?? '', /^TLSv1\.3 TLS_AES_/);
  });

  it('clientCA: clients are asked, those of that CA are verified, and the others are let in', async () => {
    const client = await ca.issue({ subject: 'CN=client' });
    const own = await selfSigned({ subject: 'CN=own' });
    const port = await serve(tlsOptions({ clientCA: ca.cert }));
    const ask = (at: number, identity?: Identity) =>
      new Promise<unknown>((resolve, reject) => {
        const options = { port: at, rejectUnauthorized: false, agent: false as const };
        const request = https.get({ ...options, cert: identity?.cert, key: identity?.key }, async (response) => {
          let text = '';
          for await (const chunk of response) text += chunk;
          resolve(JSON.parse(text));
        });
        request.on('error', reject);
      });
    assert.deepEqual(await ask(port, client), { presented: 'CN=client', authorized: true });
    assert.deepEqual(await ask(port, own), { presented: 'CN=own', authorized: false });
    assert.deepEqual(await ask(port), { authorized: false });
    const nobody = await serve(tlsOptions({ clientCA: [] }));
    assert.deepEqual(await ask(nobody, client), { presented: 'CN=client', authorized: false });
  });
  it('clientCA: an empty list trusts nobody, and not the CAs that Node trusts', () => {
    assert.deepEqual(tlsOptions({ clientCA: [] }).ca, []);
    assert.equal('ca' in tlsOptions(), false);
  });
  it('an option that is not known is refused', () => {
    assert.throws(() => tlsOptions({ clientCa: ca.cert } as never), /Did you mean clientCA/);
  });
});
