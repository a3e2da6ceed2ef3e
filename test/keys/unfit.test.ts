/** Keys that are not for an algorithm: they neither sign nor verify, in whatever form they come. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign, webcrypto } from 'node:crypto';
import { signJWT } from 'koauthorize/extending';
import { keySet } from 'koauthorize/tokens';
import { publicKeyOf } from '../../lib/keys/jwk.js';
import { claimsIn, isSignedBy, readJWS } from '../../lib/keys/jws.js';
import { isSignatureOf } from '../../lib/keys/signature.js';
import { base64url } from './mutations.js';

const { subtle } = webcrypto;

interface Pair {
  readonly privateKey: KeyObject | webcrypto.CryptoKey;
  readonly publicKey: KeyObject | webcrypto.CryptoKey;
}

const ec = (namedCurve: string): Pair => generateKeyPairSync('ec', { namedCurve });
const rsa = (modulusLength: number): Pair => generateKeyPairSync('rsa', { modulusLength });

/** Keys that may not be read: Web Crypto alone signs with them. */
async function closed(algorithm: webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams): Promise<Pair> {
  const pair = (await subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const unread = async (key: webcrypto.CryptoKey, usage: 'sign' | 'verify') =>
    subtle.importKey(
      'jwk',
      await subtle.exportKey('jwk', key),
      algorithm as webcrypto.EcKeyGenParams & webcrypto.RsaHashedKeyGenParams,
      false,
      [usage],
    );
  return { privateKey: await unread(pair.privateKey, 'sign'), publicKey: await unread(pair.publicKey, 'verify') };
}

const rows: readonly (readonly [what: string, alg: string, make: () => Pair | Promise<Pair>, why: RegExp])[] = [
  ['a key of P-384', 'ES256', () => ec('P-384'), /curve/],
  ['a key of secp256k1, whose signatures are as long', 'ES256', () => ec('secp256k1'), /curve/],
  ['a key of P-256', 'ES384', () => ec('P-256'), /curve/],
  ['an RSA key', 'ES256', () => rsa(2048), /type/],
  ['a key of Ed448', 'EdDSA', () => generateKeyPairSync('ed448'), /type/],
  ['a key of P-256', 'Ed25519', () => ec('P-256'), /type/],
  ['a key of P-256', 'PS256', () => ec('P-256'), /type/],
  ['a key of RSASSA-PSS alone', 'RS256', () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }), /type/],
  ['an RSA key of 1024 bits', 'RS256', () => rsa(1024), /2048/],
  ['an RSA key of 2047 bits', 'PS256', () => rsa(2047), /2048/],
  ['a closed RSA key of 1024 bits', 'RS256', () => closed(rsassa(1024)), /2048/],
  ['a closed key of P-384', 'ES256', () => closed({ name: 'ECDSA', namedCurve: 'P-384' }), /curve/],
  ['a closed RSA key for another algorithm', 'PS256', () => closed(rsassa(2048)), /by this algorithm/],
  ['a closed RSA key for another hash', 'RS512', () => closed(rsassa(2048)), /by this algorithm/],
];

function rsassa(modulusLength: number) {
  return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent: Uint8Array.of(1, 0, 1) };
}

describe('a key that does not fit its algorithm', () => {
  for (const [what, alg, make, why] of rows)
    it(`${alg}: ${what} neither signs nor verifies`, async () => {
      const { privateKey, publicKey } = await make();
      const refused = (error: unknown) => error instanceof TypeError && why.test(error.message);
      await assert.rejects(signJWT({ alg, kid: 'a', key: privateKey }, {}), refused);
      await assert.rejects(isSignatureOf(alg, publicKey, Buffer.from('a'), Buffer.alloc(64)), refused);
    });

  it('a CryptoKey for another use', async () => {
    const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    const useless = await subtle.importKey(
      'jwk',
      await subtle.exportKey('jwk', pair.publicKey),
      pair.publicKey.algorithm,
      true,
      [],
    );
    await assert.rejects(isSignatureOf('ES256', useless, Buffer.from('a'), Buffer.alloc(64)), /not to verify/);
    await assert.rejects(signJWT({ alg: 'ES256', kid: 'a', key: pair.publicKey }, {}), /private/);
  });

  it('what is no key', async () => {
    for (const key of [undefined, null, 'key', 1, {}, [], { kty: 'oct', k: 'AAAA' }]) {
      await assert.rejects(signJWT({ alg: 'ES256', kid: 'a', key }, {}));
      assert.equal(
        await isSignedBy(readJWS(`${base64url('{"alg":"ES256"}')}.e30.${'A'.repeat(86)}`), key, 'ES256'),
        false,
      );
    }
  });

  it('is not published either', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
    const keys = (published: object) =>
      keySet({ signing: { ...signing, alg: 'ES256' } as never, published: [published as never] });
    await assert.rejects(keys({ ...privateKey.export({ format: 'jwk' }), alg: 'RS256' }), /2048/);
    await assert.rejects(keys({ ...privateKey.export({ format: 'jwk' }), alg: 'ES256' }), /type/);
  });
});

describe('a JWK that a stranger chose', () => {
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const rsa2048 = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
  const behindZero = (text = '') =>
    Buffer.concat([Buffer.alloc(1), Buffer.from(text, 'base64url')]).toString('base64url');

  it('is fit to verify', () => {
    assert.ok(publicKeyOf(p256, 'ES256'));
    assert.ok(publicKeyOf(rsa2048, 'RS256'));
  });

  it('is compared with the algorithm before it is made: to make a key of a large curve takes a millisecond', () => {
    const noPoint = { x: base64url(Buffer.alloc(66, 1)), y: base64url(Buffer.alloc(66, 1)) };
    for (const crv of ['P-384', 'P-521', 'secp256k1'])
      assert.throws(() => publicKeyOf({ kty: 'EC', crv, ...noPoint }, 'ES256'), /of another type/);
    assert.throws(() => publicKeyOf(rsa2048, 'ES256'), /of another type/);
  });

  for (const [what, alg, jwk, why] of [
    [
      'an exponent of 8 bytes, by which verifying takes three times as long',
      'RS256',
      { ...rsa2048, e: base64url(Buffer.alloc(8, 255)) },
      /e of the JWK is too long/,
    ],
    [
      'a modulus of more than 16,384 bits',
      'RS256',
      { ...rsa2048, n: base64url(Buffer.alloc(2049, 255)) },
      /n of the JWK is too long/,
    ],
    [
      'RFC 7518 §6.3.1.1: a modulus with a zero before it',
      'RS256',
      { ...rsa2048, n: behindZero(rsa2048.n) },
      /begins with a zero/,
    ],
    ['an exponent with a zero before it', 'RS256', { ...rsa2048, e: behindZero(rsa2048.e) }, /begins with a zero/],
    ['RFC 7518 §6.2.1.2: an x with a zero before it', 'ES256', { ...p256, x: behindZero(p256.x) }, /full size/],
    ['RFC 7518 §6.2.1.3: a y with a zero before it', 'ES256', { ...p256, y: behindZero(p256.y) }, /full size/],
  ] as const)
    it(`is refused: ${what}`, () => assert.throws(() => publicKeyOf(jwk, alg), why));
});

describe('a private JWK', () => {
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

  it('that is to sign, signs', async () => {
    const own = { ...jwk, alg: 'ES256', use: 'sig', key_ops: ['sign'] };
    assert.ok(await signJWT({ alg: 'ES256', kid: 'a', key: own }, {}));
    assert.ok(await keySet({ signing: own as never }));
  });

  for (const change of [
    { key_ops: ['verify'] },
    { key_ops: ['sign', 'sign'] },
    { use: 'enc' },
    { alg: 'PS256' },
    { ext: 'x' },
  ])
    it(`RFC 7517 §4.2, §4.3, §4.4: with ${JSON.stringify(change)} does not sign by ES256`, async () => {
      const other = { ...jwk, alg: 'ES256', ...change };
      await assert.rejects(signJWT({ alg: 'ES256', kid: 'a', key: other }, {}), /not to sign/);
      await assert.rejects(keySet({ signing: other as never }), TypeError);
    });
});

describe('what a JWT says', () => {
  it('RFC 7519 §7.2: is in UTF-8, and an object', () => {
    const payloads = [
      Buffer.from('{"a":"\xff"}', 'latin1'),
      ...['[1]', 'null', '"a"', ''].map((text) => Buffer.from(text)),
    ];
    for (const payload of payloads) assert.throws(() => claimsIn({ payload }));
    assert.deepEqual(claimsIn({ payload: Buffer.from('{"a":"ÿ"}') }), { a: 'ÿ' });
    for (const header of ['{"alg":"\xff"}', '[]'])
      assert.throws(() => readJWS(`${Buffer.from(header, 'latin1').toString('base64url')}.e30.`));
  });

  it('has times that are numbers: JSON writes null for others, and the token would never end', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    for (const name of ['iat', 'nbf', 'exp'])
      for (const time of [Number.NaN, Number.POSITIVE_INFINITY])
        await assert.rejects(signJWT({ alg: 'EdDSA', kid: 'a', key: privateKey }, { [name]: time }), TypeError);
  });

  it('is signed by a signature of the right length', async () => {
    const secret = Buffer.alloc(64);
    for (const length of [0, 1, 63, 65])
      assert.equal(await isSignatureOf('HS512', secret, Buffer.from('a'), Buffer.alloc(length)), false);
  });

  it('RFC 8017 §8.1.2: is signed by a signature as long as the modulus, and not by one without its zero', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const data = Buffer.from('a');
    const newSignature = () => sign('sha256', data, { key: privateKey, padding: 6, saltLength: 32 });
    let signature = newSignature();
    while (signature[0] !== 0) signature = newSignature(); // one in 256
    assert.equal(await isSignatureOf('PS256', publicKey, data, signature), true);
    assert.equal(await isSignatureOf('PS256', publicKey, data, signature.subarray(1)), false);
  });

  it('RFC 7518 §3.5: a signature of RSASSA-PSS whose salt is of another length is none', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const data = Buffer.from('a');
    const withSalt = (saltLength: number) => sign('sha256', data, { key: privateKey, padding: 6, saltLength });
    for (const [length, isGood] of [
      [32, true],
      [20, false],
      [0, false],
    ] as const)
      assert.equal(await isSignatureOf('PS256', publicKey, data, withSalt(length)), isGood);
  });
});
