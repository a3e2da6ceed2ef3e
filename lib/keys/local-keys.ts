/** Finds the key of a signature in a set. @see RFC 7517 §4, §5 */
import type { KeyObject } from 'node:crypto';
import type { JSONWebKeySet, JWK, JWSHeaderParameters } from 'jose';
import { Reason } from '../errors/reason.js';
import { type Algorithm, algorithmOf } from './algorithms.js';
import { mayBeUsed, publicKeyOf } from './jwk.js';

/** Finds the key for the header of a JWS. It can be the second argument of jose's `jwtVerify`. */
export type FindKey = (header: JWSHeaderParameters) => Promise<KeyObject>;

/** The set has no key for a signature; or it has several, and the signature does not name one. */
export class NoSuchKeyError extends Reason {
  override name = 'NoSuchKeyError';
}

function isJWK(value: unknown): value is JWK {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws TypeError for anything but a key set */
function keysOf({ keys }: JSONWebKeySet): readonly JWK[] {
  if (!Array.isArray(keys) || !keys.every(isJWK)) throw new TypeError('A key set needs an array of keys');
  return keys;
}

/** Whether a key is for a header. Type and curve are compared too: a set without `kid` may have one key for each algorithm. */
function isFor(jwk: JWK, { kid, alg }: JWSHeaderParameters, { kty, crv }: Algorithm): boolean {
  const isNamed = kid === undefined || (typeof kid === 'string' && kid === jwk.kid);
  return isNamed && jwk.kty === kty && (crv === undefined || jwk.crv === crv) && mayBeUsed(jwk, String(alg), 'verify');
}

/**
 * Makes a function that finds the keys of a set.
 *
 * @throws TypeError for anything but a key set
 * @returns a function that throws NoSuchKeyError unless exactly one key fits, and TypeError for a private or malformed key, and for a symmetric algorithm
 */
export function localKeys(set: JSONWebKeySet): FindKey {
  const keys = structuredClone(keysOf(set)); // a later change of the caller's set must not make the cached keys wrong
  const made = new Map<JWK, KeyObject>(); // only for speed: the cache of `publicKeyOf` compares all members, which takes 3 µs, a twentieth of a verification
  return async (header) => {
    const { alg } = header;
    const algorithm = algorithmOf(alg);
    if (algorithm.kty === 'oct') throw new TypeError('A key set has no keys of symmetric algorithms'); // RFC 8725 §2.1
    const fitting = keys.filter((jwk) => isFor(jwk, header, algorithm));
    const [jwk] = fitting;
    if (!jwk || fitting.length > 1)
      throw new NoSuchKeyError(`${fitting.length} keys fit`, { kid: header.kid, alg, keys: keys.length });
    const key = made.get(jwk) ?? publicKeyOf(jwk, String(alg));
    made.set(jwk, key);
    return key;
  };
}
