/** New keys. */
import { generateKeyPair, type KeyPairKeyObjectResult } from 'node:crypto';
import { promisify } from 'node:util';
import { algorithmOf } from './algorithms.js';

const generate = promisify(generateKeyPair) as (type: string, options: object) => Promise<KeyPairKeyObjectResult>;

const RSA_BITS = 2048;

/** A new key pair for an algorithm. @throws TypeError for an algorithm without public keys, such as HMAC */
export function newKeyPair(alg: string): Promise<KeyPairKeyObjectResult> {
  const { kty, type, curve } = algorithmOf(alg);
  if (kty === 'oct') throw new TypeError(`${alg} has no pair of keys`);
  return generate(type, kty === 'RSA' ? { modulusLength: RSA_BITS } : { namedCurve: curve });
}
