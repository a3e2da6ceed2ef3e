/** RFC 8705 §3 and RFC 9449 §7.2 at the API: a token that is bound to a key is no mere bearer token. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { type AccessToken, certificateProof, headerCertificate } from 'koauthorize/resource-server';
import { thumbprintOf } from '../../lib/certificate/certificate.js';
import { type Identity, selfSigned } from '../support/certificates.js';
import { type APISetup, api, assertRefused, GOOD } from './api.js';

const INVALID_TOKEN = { status: 401, error: 'invalid_token' } as const;

const byHeader = certificateProof({ certificate: headerCertificate({ name: 'X-Certificate' }) });

const boundTo = (confirmation: AccessToken['confirmation']): APISetup => ({
  tokens: { good: { ...GOOD, confirmation } },
});

describe('RFC 8705 §3: certificate-bound access tokens', () => {
  let own: Identity;
  let other: Identity;
  let bound: { readonly 'x5t#S256': string };
  before(async () => {
    [own, other] = await Promise.all([selfSigned(), selfSigned()]);
    bound = { 'x5t#S256': thumbprintOf(own.certificate) };
  });

  describe('over TLS', () => {
    /** The status of a request with a certificate, or none, to an API that asks for one and lets all in. */
    async function statusFor(setup: APISetup, identity: Identity | undefined): Promise<number | undefined> {
      const { cert, key } = await selfSigned({ subject: 'CN=localhost' });
      const { app } = api(setup);
      const server = https.createServer({ cert, key, requestCert: true, rejectUnauthorized: false }, app.callback());
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        const request = https.get({
          host: '127.0.0.1',
          port: (server.address() as AddressInfo).port,
          headers: { Authorization: 'Bearer good' },
          rejectUnauthorized: false,
          agent: false,
          ...(identity && { cert: identity.cert, key: identity.key }),
        });
        const [response] = await once(request, 'response');
        response.resume();
        return response.statusCode;
      } finally {
        server.close();
      }
    }

    it('the certificate of the token gets in', async () => {
      assert.equal(await statusFor(boundTo(bound), own), 200);
    });
    it('another certificate does not', async () => {
      assert.equal(await statusFor(boundTo(bound), other), 401);
    });
    it('nor does none', async () => {
      assert.equal(await statusFor(boundTo(bound), undefined), 401);
    });
    it('a token that is not bound gets in with any certificate, and with none', async () => {
      assert.equal(await statusFor({}, other), 200);
      assert.equal(await statusFor({}, undefined), 200);
    });
  });

  it('a connection without TLS has no certificate, and the challenge is that of a bad token', async () => {
    const { ask, seen } = api(boundTo(bound));
    assertRefused(await ask('Bearer good'), INVALID_TOKEN);
    assert.deepEqual(seen, []);
  });

  it('behind a proxy: from the header that the application names, and from no other', async () => {
    const setup = { ...boundTo(bound), proofs: [byHeader] };
    const { ask, seen } = api(setup);
    await ask('Bearer good').set('X-Certificate', own.x5c).expect(200);
    assertRefused(await ask('Bearer good').set('X-Certificate', other.x5c), INVALID_TOKEN);
    assertRefused(await ask('Bearer good').set('X-Certificate', 'no certificate'), INVALID_TOKEN);
    assertRefused(await ask('Bearer good').set('X-Other', own.x5c), INVALID_TOKEN);
    assertRefused(await api(boundTo(bound)).ask('Bearer good').set('X-Certificate', own.x5c), INVALID_TOKEN);
    assert.equal(seen.length, 1);
  });

  describe('a binding that cannot be checked is refused, even with the right certificate', () => {
    const others: readonly [what: string, confirmation: () => AccessToken['confirmation']][] = [
      ['RFC 9449 §7.2: DPoP', () => ({ jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' })],
      ['certificate and DPoP', () => ({ ...bound, jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' })],
      ['RFC 7800 §3.2: a key', () => ({ jwk: { kty: 'EC' } })],
      ['a member nobody knows', () => ({ ...bound, later: true })],
      ['SHA-1', () => ({ x5t: bound['x5t#S256'] })],
      ['nothing at all', () => ({})],
      ['a thumbprint that is none', () => ({ 'x5t#S256': '' })],
      ['a thumbprint with padding', () => ({ 'x5t#S256': `${bound['x5t#S256']}=` })],
      ['several thumbprints', () => ({ 'x5t#S256': [bound['x5t#S256']] as never })],
      ['no object', () => bound['x5t#S256'] as never],
    ];
    for (const [what, confirmation] of others) {
      it(what, async () => {
        const setup = { ...boundTo(confirmation()), proofs: [byHeader] };
        const { ask, seen, errors } = api(setup);
        assertRefused(await ask('Bearer good').set('X-Certificate', own.x5c), INVALID_TOKEN);
        assert.deepEqual([seen, errors], [[], []]);
      });
    }
  });
});
