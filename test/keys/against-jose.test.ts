/**
 * The signatures of lib/keys beside those of jose: nothing is accepted that jose refuses. `JWS_RUNS` are the changed tokens for each algorithm,
 * `JWS_SEED` repeats those of an earlier run.
 */
import assert from 'node:assert/strict';
import { type KeyObject, randomInt, type webcrypto } from 'node:crypto';
import { CompactSign, compactVerify, exportJWK, importJWK, type JWK, SignJWT } from 'jose';
import { signJWT } from 'koauthorize/extending';
import { ASYMMETRIC } from '../../lib/keys/asymmetric.js';
import { newKeyPair } from '../../lib/keys/generate.js';
import { isSignedBy, readJWS } from '../../lib/keys/jws.js';
import { localKeys } from '../../lib/keys/local-keys.js';
import { base64url, mutated, seeded, signedAs } from './mutations.js';

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: JWK;
}

const RUNS = Number(process.env['JWS_RUNS'] ?? 300);
const SEED = process.env['JWS_SEED'] ?? String(randomInt(2 ** 31));
const CLAIMS = { iss: 'https://as.example', sub: 'alice', note: 'ä€𝄞' };

/** Whether lib/keys can read it, and the key has signed it. */
async function isOurs(text: string, key: unknown, alg: string): Promise<boolean> {
  try {
    return await isSignedBy(readJWS(text), key, alg);
  } catch {
    return false;
  }
}

function isJoses(text: string, key: unknown, alg: string): Promise<boolean> {
  return compactVerify(text, key as webcrypto.CryptoKey, { algorithms: [alg] }).then(
    () => true,
    () => false,
  );
}

describe(`lib/keys beside jose, JWS_SEED=${SEED}`, () => {
  const pairs = new Map<string, Pair>();
  const pairOf = (alg: string): Pair => pairs.get(alg) as Pair;
  before(async () => {
    for (const alg of ASYMMETRIC) {
      const pair = await newKeyPair(alg);
      pairs.set(alg, { ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid: alg } });
    }
  });

  describe('what one signs, the other verifies', () => {
    for (const alg of ASYMMETRIC) {
      it(`${alg}, with every form of the key`, async () => {
        const { privateKey, publicKey, jwk } = pairOf(alg);
        const privateJWK = { ...(await exportJWK(privateKey)), alg };
        for (const key of [
          privateKey,
          privateJWK,
          await importJWK({ ...privateJWK, ext: true }),
          await importJWK(privateJWK),
        ]) {
          const signed = await signJWT({ alg, kid: 'a', key }, CLAIMS, 'x+jwt');
          const { payload, protectedHeader } = await compactVerify(signed, publicKey, { algorithms: [alg] });
          assert.deepEqual(JSON.parse(new TextDecoder().decode(payload)), CLAIMS);
          assert.deepEqual(protectedHeader, { alg, kid: 'a', typ: 'x+jwt' });
        }
        const theirs = await new SignJWT(CLAIMS).setProtectedHeader({ alg, kid: alg }).sign(privateKey);
        const [open, closed] = [await importJWK(jwk, alg), await importJWK({ ...jwk, ext: false }, alg)];
        assert.equal((closed as webcrypto.CryptoKey).extractable, false);
        const found = await localKeys({ keys: [jwk] })({ alg, kid: alg });
        for (const key of [publicKey, { ...jwk }, open, closed, open, found])
          assert.equal(await isOurs(theirs, key, alg), true);
      });
    }

    for (const alg of ['HS256', 'HS384', 'HS512']) {
      it(alg, async () => {
        const secret = new Uint8Array(64).fill(7);
        const signed = await new SignJWT(CLAIMS).setProtectedHeader({ alg }).sign(secret);
        assert.equal(await isOurs(signed, secret, alg), true);
        assert.equal(await isOurs(signed, new Uint8Array(64).fill(8), alg), false);
      });
    }
  });

  describe('nothing is accepted that jose refuses', () => {
    for (const alg of ASYMMETRIC) {
      it(`${alg}: ${RUNS} tokens that somebody has changed`, async () => {
        const random = seeded(`${SEED} ${alg}`);
        const { privateKey, publicKey } = pairOf(alg);
        const good = await new SignJWT(CLAIMS).setProtectedHeader({ alg, kid: alg }).sign(privateKey);
        const counts = { accepted: 0, refused: 0 };
        for (let run = 0; run < RUNS; run++) {
          const text = await mutated(good, alg, privateKey, random);
          const isAccepted = await isOurs(text, publicKey, alg);
          counts[isAccepted ? 'accepted' : 'refused']++;
          assert.ok(!isAccepted || (await isJoses(text, publicKey, alg)), `jose refuses ${JSON.stringify(text)}`);
        }
        assert.ok(counts.accepted > RUNS / 50 && counts.refused > RUNS / 2, JSON.stringify(counts));
      });
    }

    it('every algorithm with the key of every other: a key is for one algorithm', async () => {
      for (const alg of ASYMMETRIC)
        for (const of of ASYMMETRIC) {
          const { privateKey, publicKey, jwk } = pairOf(of);
          const [, payload, signature] = (await signedAs(of, privateKey, '{}', '{}')).split('.');
          const claimed = `${base64url(JSON.stringify({ alg }))}.${payload}`;
          const texts = [`${claimed}.${signature}`, await signedAs(of, privateKey, JSON.stringify({ alg }), '{}')];
          for (const text of texts)
            for (const key of [publicKey, await importJWK(jwk, of), { ...jwk, alg: of }]) {
              const isAccepted = await isOurs(text, key, alg);
              assert.ok(!isAccepted || (await isJoses(text, key, alg)), `${alg} with a key of ${of}`);
            }
        }
    });

    it('a public key is no secret, and neither none nor a private key verifies', async () => {
      const { privateKey, publicKey, jwk } = pairOf('RS256');
      const pem = Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }));
      const byPEM = await new CompactSign(Buffer.from('{}')).setProtectedHeader({ alg: 'HS256' }).sign(pem);
      for (const key of [publicKey, jwk, await importJWK(jwk, 'RS256')]) {
        assert.equal(await isOurs(byPEM, key, 'HS256'), false);
        assert.equal(await isOurs(byPEM, key, 'RS256'), false);
      }
      const none = `${base64url('{"alg":"none"}')}.${base64url('{}')}.`;
      for (const alg of ['none', 'RS256']) assert.equal(await isOurs(none, publicKey, alg), false);
      const good = await signedAs('RS256', privateKey, '{"alg":"RS256"}', '{}');
      assert.equal(await isOurs(good, privateKey, 'RS256'), false);
      assert.equal(await isOurs(good, publicKey, 'RS256'), true);
    });
  });
});
