/** Public keys as JWK: required members, thumbprint, and the key itself. @see RFC 7517 §4, RFC 7638 */
import { createPublicKey, hash, type JsonWebKey, type KeyObject } from 'node:crypto';
import { recentlyUsed } from '../oldest-first.js';
import { secretMemberOf } from '../syntax/jwk.js';
import { type Algorithm, algorithmOf, type Use } from './algorithms.js';

/** The required members of each key type, in the order in which they are hashed. @see RFC 7638 §3.2, §3.3, RFC 8037 §2 */
const REQUIRED: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
  ['RSA', ['e', 'kty', 'n']],
]);

/**
 * The most bytes of each number of a key. A stranger may choose the key: with an exponent as long as the modulus, verifying takes as long as signing; and
 * keys are cached, so that long moduli would fill the memory.
 */
const LONGEST: Readonly<Record<string, number>> = { e: 4, n: 2048, x: 66, y: 66 };

/** The bytes of a number. @throws TypeError for a text that is not in base64url. @see RFC 7515 §2 */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw new TypeError('It is not in base64url');
  return bytes;
}

/**
 * @throws TypeError for a number that is too long, or has leading zeros, which would give the key a second thumbprint.
 *
 * @see RFC 7518 §6.3.1: the minimum number of octets
 */
function requireNumber(name: string, text: string): void {
  const longest = LONGEST[name];
  if (longest === undefined) return; // kty and crv are compared with those of the algorithm
  if (text.length > Math.ceil((longest * 4) / 3)) throw new TypeError(`The ${name} of the JWK is too long`);
  const [first] = bytesOf(text);
  if (first === 0 && (name === 'n' || name === 'e')) throw new TypeError(`The ${name} of the JWK begins with a zero`);
}

/**
 * The required members of a key, and no others, as JSON without white space: the input of its thumbprint.
 *
 * @throws TypeError for anything but a public key of a known type. @see RFC 7638 §3.1
 */
function requiredMembersOf(jwk: object): string {
  const names = REQUIRED.get(Reflect.get(jwk, 'kty'));
  if (!names) throw new TypeError('A JWK needs a kty of EC, OKP or RSA');
  const members = names.map((name): [string, string] => {
    const value: unknown = Reflect.get(jwk, name);
    if (typeof value !== 'string' || value === '') throw new TypeError(`The JWK has no ${name}`);
    requireNumber(name, value);
    return [name, value];
  });
  return JSON.stringify(Object.fromEntries(members));
}

/** The thumbprint of a key, with SHA-256. @throws TypeError for anything but a key of a known type. @see RFC 7638 §3 */
export function thumbprintOf(jwk: object): string {
  return hash('sha256', requiredMembersOf(jwk), 'base64url');
}

/** A public key, and what identifies it. @see RFC 7638 */
export interface IdentifiedKey {
  readonly key: KeyObject;
  readonly thumbprint: string;
}

/**
 * A cache of keys by their required members. Making an elliptic-curve key costs as much as a verification: node:crypto tests whether the point is on the curve.
 */
const keyFrom = recentlyUsed(1000, (members): IdentifiedKey => {
  const key: JsonWebKey = JSON.parse(members);
  return { key: createPublicKey({ key, format: 'jwk' }), thumbprint: hash('sha256', members, 'base64url') };
});

/** Whether `key_ops` is a list without duplicates that includes the use. @see RFC 7517 §4.3 */
function include(use: Use, operations: unknown): boolean {
  return Array.isArray(operations) && new Set(operations).size === operations.length && operations.includes(use);
}

/** Whether a key may sign, or verify, with this algorithm. @see RFC 7517 §4.2, §4.3, §4.4 */
export function mayBeUsed(jwk: object, alg: string, to: Use): boolean {
  const { use = 'sig', key_ops: operations, alg: its = alg, ext = true } = jwk as Record<string, unknown>;
  const isAllowed = operations === undefined || include(to, operations);
  return use === 'sig' && its === alg && typeof ext === 'boolean' && isAllowed;
}

/**
 * Compares type, curve and coordinates with the algorithm before the key is made: making a key of a larger curve takes a millisecond, which a stranger could
 * cost this process with each DPoP proof.
 *
 * @throws TypeError. @see RFC 7518 §6.2.1.2: coordinates have the full size
 */
function requireTypeOf(jwk: object, { kty, crv, size = 0 }: Algorithm): void {
  const { kty: its, crv: curve, x, y = x } = jwk as Record<string, unknown>;
  if (its !== kty || (crv !== undefined && curve !== crv))
    throw new TypeError('The key is of another type than its algorithm, or of another curve');
  if (kty !== 'RSA' && [x, y].some((text) => Buffer.byteLength(String(text), 'base64url') !== size / 2))
    throw new TypeError('A coordinate of the key does not have its full size');
}

/**
 * The public key of a JWK, and its thumbprint.
 *
 * @throws TypeError for a key that is private or symmetric, or may not verify with this algorithm; Error for a malformed key
 */
export function identifiedKeyOf(jwk: object, alg: string): IdentifiedKey {
  if (secretMemberOf(jwk) !== undefined) throw new TypeError('It is not a public key');
  if (!mayBeUsed(jwk, alg, 'verify')) throw new TypeError(`The key is not to verify by ${alg}`);
  requireTypeOf(jwk, algorithmOf(alg));
  return keyFrom(requiredMembersOf(jwk));
}

/** The public key alone. @throws what `identifiedKeyOf` throws */
export function publicKeyOf(jwk: object, alg: string): KeyObject {
  return identifiedKeyOf(jwk, alg).key;
}
