/**
 * Keys that fit an algorithm. If any key could be used with any algorithm, an attacker could sign with a public key as an HMAC secret.
 *
 * @see RFC 8725 §2.1, §3.1
 */
import { createPrivateKey, createSecretKey, type JsonWebKey, KeyObject, type webcrypto } from 'node:crypto';
import { isCryptoKey, isKeyObject } from 'node:util/types';
import { type Algorithm, algorithmOf, type Use } from './algorithms.js';
import { mayBeUsed, publicKeyOf } from './jwk.js';

type CryptoKey = webcrypto.CryptoKey;

/** RFC 7518 §3.3, §3.5: a key of 2048 bits or larger MUST be used. */
const LEAST_RSA_BITS = 2048;

/** @throws TypeError */
function requireKind(algorithm: Algorithm, use: Use, type: string): void {
  const expected = algorithm.kty === 'oct' ? 'secret' : use === 'sign' ? 'private' : 'public';
  if (type !== expected) throw new TypeError(`The key is ${type}, where one that is ${expected} is needed`);
}

/** RFC 7518 §3.2: a key of the same size as the hash output, or larger, MUST be used. @throws TypeError */
function requireLength(key: KeyObject, { size = 0 }: Algorithm): KeyObject {
  if ((key.symmetricKeySize ?? 0) < size) throw new TypeError(`The secret has less than ${size} bytes`);
  return key;
}

/** @throws TypeError */
function requireFit(key: KeyObject, algorithm: Algorithm, use: Use): KeyObject {
  requireKind(algorithm, use, key.type);
  if (key.type === 'secret') return requireLength(key, algorithm);
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== algorithm.type || namedCurve !== algorithm.curve)
    throw new TypeError('The key is of another type than its algorithm, or of another curve');
  if (algorithm.kty === 'RSA' && modulusLength < LEAST_RSA_BITS)
    throw new TypeError(`An RSA key has at least ${LEAST_RSA_BITS} bits`);
  return key;
}

/** Compares a CryptoKey with the algorithm and the use that it was made for. @throws TypeError if they differ */
function requireSameAlgorithm({ algorithm: of, usages, type }: CryptoKey, algorithm: Algorithm, use: Use): void {
  requireKind(algorithm, use, type);
  const { name, hash } = of as { readonly name: string; readonly hash?: { readonly name: string } };
  const isSame = name === algorithm.web.name && (hash === undefined || hash.name === algorithm.web.hash);
  if (!isSame || !usages.includes(use)) throw new TypeError(`The key is not to ${use} by this algorithm`);
}

/** Judges a key that cannot be exported, so that only Web Crypto can use it. @throws TypeError */
function requireFitUnread(key: CryptoKey, { crv, kty }: Algorithm): CryptoKey {
  const { namedCurve, modulusLength = 0 } = key.algorithm as { namedCurve?: string; modulusLength?: number };
  if (kty === 'EC' && namedCurve !== crv) throw new TypeError('The key is of another curve than its algorithm');
  if (kty === 'RSA' && modulusLength < LEAST_RSA_BITS)
    throw new TypeError(`An RSA key has at least ${LEAST_RSA_BITS} bits`);
  return key;
}

function fromCryptoKey(key: CryptoKey, algorithm: Algorithm, use: Use): KeyObject | CryptoKey {
  requireSameAlgorithm(key, algorithm, use);
  if (!key.extractable) return requireFitUnread(key, algorithm); // later versions of Node make no KeyObject of such a key: DEP0204
  return requireFit(KeyObject.from(key), algorithm, use);
}

/** @throws TypeError for a key that may not sign with this algorithm; Error for a malformed key. @see RFC 7517 §4.2, §4.3, §4.4 */
function privateKeyOf(jwk: object, alg: string): KeyObject {
  if (!mayBeUsed(jwk, alg, 'sign')) throw new TypeError(`The key is not to sign by ${alg}`);
  return createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' });
}

/**
 * Loads a key in any form that jose accepts: KeyObject, CryptoKey, JWK, or the bytes of a secret.
 *
 * @throws TypeError for a key that is not for this algorithm and this use, and an RSA key that is too short
 */
export function usableKey(key: unknown, alg: string, use: Use): KeyObject | CryptoKey {
  const algorithm = algorithmOf(alg);
  if (isKeyObject(key)) return requireFit(key, algorithm, use);
  if (isCryptoKey(key)) return fromCryptoKey(key, algorithm, use);
  if (key instanceof Uint8Array) return requireFit(createSecretKey(key), algorithm, use);
  if (typeof key !== 'object' || key === null) throw new TypeError('It is not a key');
  return requireFit(use === 'sign' ? privateKeyOf(key, alg) : publicKeyOf(key, alg), algorithm, use);
}
