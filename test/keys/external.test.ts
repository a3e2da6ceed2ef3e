/** Keys that sign elsewhere: in a key management service. */
import assert from 'node:assert/strict';
import {
  compactVerify,
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  type JSONWebKeySet,
  jwtVerify,
} from 'jose';
import { jwtResponses } from 'koauthorize';
import { signJWT } from 'koauthorize/extending';
import { type ExternalKey, generateSigningKey, jwt, type KeySet, keySet } from 'koauthorize/tokens';
import { ISSUER, REQUEST, redirected } from '../support/authorization-server.js';
import { CONFIDENTIAL } from '../support/client-auth.js';
import { fakeKMS, inASN1 } from '../support/fake-kms.js';
import { pushingServer } from '../support/pushing-server.js';
import { tokenServer } from '../support/token-server.js';

const verifying = (keys: KeySet) => createLocalJWKSet(keys.jwks() as JSONWebKeySet);

describe('a key that signs elsewhere', () => {
  for (const alg of ['ES256', 'EdDSA', 'RS256', 'PS256'] as const) {
    it(`signs by ${alg}, and its public part verifies`, async () => {
      const { key, privateKey } = await fakeKMS(alg);
      await assert.rejects(exportJWK(privateKey), 'the private key cannot be had');
      const keys = await keySet({ signing: key });
      const signed = await signJWT(keys.signing(), { sub: 'alice' }, 'x+jwt');
      const { payload, protectedHeader } = await jwtVerify(signed, verifying(keys));
      assert.equal(payload.sub, 'alice');
      assert.deepEqual(protectedHeader, { alg, kid: keys.signing().kid, typ: 'x+jwt' });
      assert.equal(keys.signing(alg).alg, alg);
    });
  }

  it('RFC 7518 §3.4: an ECDSA signature in ASN.1 becomes one of JWS, whatever zeros its numbers begin with', async () => {
    const { key } = await fakeKMS('ES256');
    const keys = await keySet({
      signing: { ...key, sign: async (data, options) => inASN1(await key.sign(data, options)) },
    });
    for (let time = 0; time < 300; time++) {
      const signed = await signJWT(keys.signing(), { time });
      assert.equal(Buffer.from(signed.split('.')[2] ?? '', 'base64url').length, 64);
      await compactVerify(signed, verifying(keys));
    }
  });

  describe('at start is refused', () => {
    const made = async (change: (key: ExternalKey, other: ExternalKey) => object) => {
      const [{ key }, { key: other }] = await Promise.all([fakeKMS('ES256'), fakeKMS('ES256')]);
      return keySet({ signing: change(key, other) as ExternalKey });
    };
    const rows: readonly [what: string, change: (key: ExternalKey, other: ExternalKey) => object, why: RegExp][] = [
      [
        'a signer of another key',
        ({ publicKey }, { sign }) => ({ publicKey, sign }),
        /cannot sign what its public part/,
      ],
      [
        'a signer that fails',
        ({ publicKey }) => ({ publicKey, sign: async () => Promise.reject(new Error()) }),
        /cannot sign/,
      ],
      [
        'something that is no signature',
        ({ publicKey }) => ({ publicKey, sign: async () => new Uint8Array(7) }),
        /cannot sign/,
      ],
      ['a key without alg', ({ publicKey: { alg: _, ...publicKey }, sign }) => ({ publicKey, sign }), /needs an alg/],
      ['an option that there is not', (key) => ({ ...key, kid: 'k' }), /no option kid/],
    ];
    for (const [what, change, why] of rows) it(what, () => assert.rejects(made(change), why));

    it('an RSA key that is too short, or a private key that is not the published one’s', async () => {
      const { subtle } = globalThis.crypto;
      const short = {
        name: 'RSASSA-PKCS1-v1_5',
        modulusLength: 1024,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: 'SHA-256',
      };
      const { privateKey } = await subtle.generateKey(short, true, ['sign', 'verify']);
      await assert.rejects(
        keySet({ signing: { ...(await exportJWK(privateKey)), alg: 'RS256' } }),
        /at least 2048 bits/,
      );
    });
  });

  it('publishes nothing private where its public key was given whole', async () => {
    const signing = await generateSigningKey('EdDSA');
    const own = await keySet({ signing });
    const sign = async (data: Uint8Array) => {
      const key = await crypto.subtle.importKey('jwk', { ...signing }, 'Ed25519', false, ['sign']);
      return new Uint8Array(await crypto.subtle.sign('Ed25519', key, Buffer.from(data)));
    };
    const keys = await keySet({ signing: { publicKey: signing, sign } });
    assert.deepEqual(keys.jwks(), own.jwks());
  });

  it('is one of several algorithms: each signs what is asked for, and the first is the usual one', async () => {
    const kms = await fakeKMS('PS256');
    const [rs256, eddsa] = await Promise.all([generateSigningKey('RS256'), generateSigningKey('EdDSA')]);
    const keys = await keySet({ signing: [rs256, kms.key, eddsa] });
    assert.equal(keys.signing().alg, 'RS256');
    for (const alg of ['RS256', 'PS256', 'EdDSA']) {
      const signed = await signJWT(keys.signing(alg), {});
      assert.equal(decodeProtectedHeader(signed).alg, alg);
      await compactVerify(signed, verifying(keys));
    }
    assert.throws(() => keys.signing('ES256'), /No signing key is for ES256: there are RS256, PS256, EdDSA/);
    await assert.rejects(keySet({ signing: [rs256, await generateSigningKey('RS256')] }), /for one algorithm/);
    await assert.rejects(keySet({ signing: [] }), /needs a key/);
  });

  it('RFC 9864: Ed25519 is an algorithm of its own, beside EdDSA', async () => {
    const signing = await Promise.all([generateSigningKey('EdDSA'), generateSigningKey('Ed25519')]);
    const keys = await keySet({ signing });
    const signed = await signJWT(keys.signing('Ed25519'), {});
    assert.equal(decodeProtectedHeader(signed).alg, 'Ed25519');
    await compactVerify(signed, verifying(keys));
  });

  it('never signs by none or HMAC, whatever the application’s keys are', async () => {
    for (const alg of ['none', 'HS256', '']) {
      const key = { kid: 'k', alg, key: new Uint8Array(32), sign: async () => new Uint8Array(32) };
      await assert.rejects(signJWT(key, {}), TypeError);
    }
  });

  it('a key that was replaced in the external service no longer signs: each token must verify with the published key', async () => {
    const [one, two] = await Promise.all([fakeKMS('ES256'), fakeKMS('ES256')]);
    let current = one.key;
    const keys = await keySet({
      signing: { publicKey: one.key.publicKey, sign: (data, options) => current.sign(data, options) },
    });
    current = two.key;
    await assert.rejects(signJWT(keys.signing(), {}), { name: 'SignerUnavailableError', status: 503 });
  });
});

describe('a signer that fails spends nothing', () => {
  let kms: Awaited<ReturnType<typeof fakeKMS>>;
  let keys: KeySet;
  beforeEach(async () => {
    kms = await fakeKMS('ES256');
    keys = await keySet({ signing: kms.key });
  });
  const accessTokens = () => jwt({ issuer: ISSUER, audience: 'api', keys });

  it('a code is redeemed when the signer is back', async () => {
    const server = tokenServer({ keys, tokens: { accessTokens: accessTokens() } });
    const code = await server.authorize();
    kms.fail();
    const refused = await server.redeem(code).expect(503);
    assert.equal(refused.body.error, 'temporarily_unavailable');
    assert.ok(!refused.text.includes('management'), 'the client is not told what failed');
    kms.fail(false);
    const { body } = await server.redeem(code).expect(200);
    await jwtVerify(body.access_token, verifying(keys), { currentDate: new Date(server.clock.now * 1000) });
  });

  it('a refresh token is used when the signer is back', async () => {
    const server = tokenServer({ keys, tokens: { accessTokens: accessTokens() } });
    const { refresh_token } = await server.connect();
    kms.fail();
    await server.refresh(refresh_token).expect(503);
    kms.fail(false);
    const { body } = await server.refresh(refresh_token).expect(200);
    await server.refresh(body.refresh_token).expect(200);
    assert.deepEqual(
      server.events.filter(({ name }) => name === 'replayDetected'),
      [],
    );
  });

  for (const [what, params] of [
    ['whose code is in a signed response', { response_mode: 'jwt' }],
    ['whose answer is a signed access token', { response_type: 'token' }],
  ] as const) {
    it(`a decision ${what} is taken when the signer is back`, async () => {
      const server = pushingServer({ keys, plugs: [jwtResponses()], accessTokens: accessTokens() });
      const { open, decide } = server.visitor();
      const asked =
        'response_mode' in params
          ? { ...REQUEST, ...params }
          : { ...REQUEST, ...params, code_challenge: undefined, code_challenge_method: undefined };
      const { transactionID } = (await open({ ...asked, client_id: CONFIDENTIAL.client_id }).expect(200)).body;
      kms.fail();
      const refused = await decide(transactionID);
      assert.notEqual(refused.status, 302, 'nothing is sent to the client');
      kms.fail(false);
      const sent = redirected(await decide(transactionID));
      await compactVerify(String(sent['response'] ?? sent['access_token']), verifying(keys));
    });
  }

  it('the signer is asked for exactly one signature for each token', async () => {
    const server = tokenServer({ keys, tokens: { accessTokens: accessTokens() } });
    const code = await server.authorize();
    const before = kms.count();
    await server.redeem(code).expect(200);
    assert.equal(kms.count(), before + 1);
  });
});
