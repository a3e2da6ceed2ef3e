/** Key sets, claims and thumbprints of lib/keys beside those of jose; and what is refused here that jose accepts. */
import assert from 'node:assert/strict';
import { createPublicKey, type JsonWebKey, type KeyObject, randomInt } from 'node:crypto';
import {
  calculateJwkThumbprint,
  compactVerify,
  createLocalJWKSet,
  exportJWK,
  importJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import { newKeyPair } from '../../lib/keys/generate.js';
import { thumbprintOf } from '../../lib/keys/jwk.js';
import { isSignedBy, readJWS } from '../../lib/keys/jws.js';
import { verifyJWT } from '../../lib/keys/jwt.js';
import { localKeys, NoSuchKeyError } from '../../lib/keys/local-keys.js';
import { base64url, seeded, signedAs } from './mutations.js';

const SEED = process.env['JWS_SEED'] ?? String(randomInt(2 ** 31));
const RUNS = 3000;
const NOW = 1_800_000_000;

async function isRefused(text: string, key: unknown, alg: string): Promise<boolean> {
  try {
    return !(await isSignedBy(readJWS(text), key, alg));
  } catch {
    return true;
  }
}

describe(`lib/keys beside jose, key sets and claims, JWS_SEED=${SEED}`, () => {
  let privateKey: KeyObject;
  let publicKey: KeyObject;
  let jwk: JWK;
  let rsa: JWK;
  before(async () => {
    ({ privateKey, publicKey } = await newKeyPair('ES256'));
    jwk = await exportJWK(publicKey);
    rsa = await exportJWK((await newKeyPair('RS256')).publicKey);
  });

  it(`${RUNS} keys of sets: none is found that jose does not find`, async () => {
    const random = seeded(`${SEED} sets`);
    const okp = await exportJWK((await newKeyPair('Ed25519')).publicKey);
    const either = (...values: readonly unknown[]) => values[random(values.length)];
    const maybe = (name: string, ...values: readonly unknown[]) => (random(3) ? {} : { [name]: either(...values) });
    const anyJWK = () =>
      Object.assign(
        {},
        either(jwk, jwk, rsa, okp),
        ...[maybe('kid', 'a', 'b', 1, null, ''), maybe('use', 'sig', 'enc', null), maybe('alg', 'ES256', 'EdDSA', 1)],
        ...[maybe('key_ops', ['verify'], ['sign'], ['verify', 'verify'], 'verify', []), maybe('ext', true, 'yes')],
        ...[random(20) ? {} : maybe('d', 'AAAA'), random(20) ? {} : maybe('crv', 'P-384', 'secp256k1', 1)],
        random(20) ? {} : maybe('kty', 'EC', 'OKP', 'oct', undefined),
      ) as JWK;
    let found = 0;
    for (let run = 0; run < RUNS; run++) {
      const keys = Array.from({ length: 1 + random(3) }, anyJWK);
      const header = Object.assign(
        { alg: either('ES256', 'EdDSA', 'Ed25519', 'RS256', 'HS256', 'none') },
        maybe('kid', 'a', 'b', 1, ''),
      );
      const ours = await localKeys({ keys })(header as { alg: string }).catch(() => undefined);
      if (!ours) continue;
      found++;
      const theirs = await createLocalJWKSet({ keys })(header as { alg: string });
      assert.equal(thumbprintOf(ours.export({ format: 'jwk' })), await calculateJwkThumbprint(await exportJWK(theirs)));
    }
    assert.ok(found > RUNS / 50, `${found} were found`);
  });

  it('a set without identifiers may have one key for each curve; and a secret is in no set', async () => {
    const other = await exportJWK((await newKeyPair('ES384')).publicKey);
    const find = localKeys({ keys: [other, jwk, { kty: 'oct', k: 'AAAA' }] });
    assert.ok((await find({ alg: 'ES256' })).equals(publicKey));
    await assert.rejects(find({ alg: 'HS256' }), /symmetric/);
    await assert.rejects(find({ alg: 'RS256' }), NoSuchKeyError);
  });

  it('1500 JWTs: none counts whose claims jose refuses, and of the good ones all', async () => {
    const random = seeded(`${SEED} claims`);
    const either = (...values: readonly unknown[]) => values[random(values.length)];
    let counted = 0;
    for (let run = 0; run < 1500; run++) {
      const times = [NOW, NOW - 59, NOW - 60, NOW - 61, NOW + 60, NOW + 61, undefined, undefined, `${NOW}`, null, true];
      const claims = {
        ...{ iss: either('me', 'me', 'me', ['me'], undefined, 'you'), sub: 'a' },
        aud: either('us', 'us', ['us', 'them'], ['them'], [['us']], { us: 1 }, undefined, 1),
        ...{ exp: either(...times), nbf: either(undefined, ...times), iat: either(undefined, ...times) },
      };
      const header = { alg: 'ES256', typ: either('at+jwt', 'at+jwt', 'application/AT+JWT', 'jwt', undefined, 1) };
      const text = await signedAs('ES256', privateKey, JSON.stringify(header), JSON.stringify(claims));
      const common = { issuer: 'me', audience: ['us'], typ: 'at+jwt', algorithms: ['ES256'] };
      const isOurs = await verifyJWT(text, () => publicKey, { ...common, now: NOW, skew: 60 }).then(
        Boolean,
        () => false,
      );
      const options = { ...common, currentDate: new Date(NOW * 1000), clockTolerance: 60 };
      const isTheirs = await jwtVerify<JWTPayload>(text, publicKey, options).then(Boolean, () => false);
      assert.equal(isOurs, isTheirs, JSON.stringify({ header, claims }));
      if (isOurs) counted++;
    }
    assert.ok(counted > 3, `${counted} counted`); // 38 on average
  });

  it('a JWT that another key has signed does not count', async () => {
    const { publicKey: another } = await newKeyPair('ES256');
    const text = await signedAs('ES256', privateKey, '{"alg":"ES256"}', '{"iss":"me"}');
    const expected = { issuer: 'me', algorithms: ['ES256'], now: NOW, skew: 60 };
    assert.equal((await verifyJWT(text, () => publicKey, expected)).claims.iss, 'me');
    await assert.rejects(
      verifyJWT(text, () => another, expected),
      /signature/,
    );
  });

  it('RFC 7638: the thumbprints are the same', async () => {
    for (const key of [jwk, rsa, await exportJWK((await newKeyPair('Ed25519')).publicKey)])
      assert.equal(thumbprintOf({ ...key, kid: 'a', use: 'sig' }), await calculateJwkThumbprint(key));
    for (const key of [{}, { kty: 'EC' }, { ...jwk, x: 1 }, { ...jwk, x: '' }, { ...jwk, kty: 'toString' }]) {
      assert.throws(() => thumbprintOf(key), TypeError);
      await assert.rejects(calculateJwkThumbprint(key as JWK));
    }
  });

  describe('is refused, though jose accepts it', () => {
    const good = (header: string) => signedAs('ES256', privateKey, header, '{}');
    const plain = '{"alg":"ES256"}';
    const rows: readonly (readonly [what: string, text: () => Promise<string>])[] = [
      ['padding after the signature', async () => `${await good(plain)}==`],
      ['a space in the signature', async () => (await good(plain)).replace(/.$/, ' $&')],
      [
        'bits after the last byte of the signature: a second text of one token',
        async () => otherBits(await good(plain)),
      ],
      ['crit, also of what is understood', () => good('{"alg":"ES256","crit":["b64"],"b64":true}')],
      ['b64', () => good('{"alg":"ES256","b64":false}')],
      ['a byte order mark before the header', () => good(`\ufeff${plain}`)],
      ['a header of more than 32 levels', () => good(`{"alg":"ES256","x":${'['.repeat(33)}${']'.repeat(33)}}`)],
      ['more than 64 KiB', () => good(`{"alg":"ES256","x":"${'x'.repeat(64 * 1024)}"}`)],
    ];
    for (const [what, text] of rows)
      it(what, async () => {
        const token = await text();
        assert.ok(await compactVerify(token, publicKey));
        assert.ok(await isRefused(token, publicKey, 'ES256'));
      });

    /** The last letter of 64 bytes has 4 bits that belong to none. */
    function otherBits(token: string): string {
      const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      return token.slice(0, -1) + letters[letters.indexOf(token.at(-1) ?? '') + 1];
    }

    it('a secret that is shorter than the hash: RFC 7518 §3.2', async () => {
      const secret = Buffer.from('short');
      const { CompactSign } = await import('jose');
      const token = await new CompactSign(Buffer.from('{}')).setProtectedHeader({ alg: 'HS256' }).sign(secret);
      assert.ok(await compactVerify(token, secret));
      assert.ok(await isRefused(token, secret, 'HS256'));
    });

    it('a JWK for encryption, or not in base64url; and an RSA exponent that makes verifying as dear as signing', async () => {
      const token = await good(plain);
      assert.equal(await isRefused(token, jwk, 'ES256'), false);
      for (const change of [{ use: 'enc' }, { x: `${jwk.x}=` }, { y: ` ${jwk.y}` }]) {
        const other = { ...jwk, ...change };
        assert.ok(await compactVerify(token, await importJWK(other, 'ES256')), JSON.stringify(change));
        assert.ok(await isRefused(token, other, 'ES256'));
      }
      const dear = { ...rsa, e: base64url(Buffer.alloc(255, 0xab)) };
      assert.ok(createPublicKey({ key: dear as JsonWebKey, format: 'jwk' }));
      assert.ok(await importJWK(dear, 'RS256'));
      await assert.rejects(localKeys({ keys: [dear] })({ alg: 'RS256' }), /too long/);
    });
  });
});
