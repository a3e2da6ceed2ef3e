/** Public keys as JWK: what makes the key, its thumbprint, and the key itself. @see RFC 7517 §4, RFC 7638 */
import { createPublicKey, hash, type JsonWebKey, type KeyObject } from 'node:crypto';
import { secretMemberOf } from '../syntax/jwk.js';
import { recentlyUsed } from './recently-used.js';

/** The members that make a key, by its type, in the order in which they are hashed. @see RFC 7638 §3.2, §3.3, RFC 8037 §2 */
const REQUIRED: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
  ['RSA', ['e', 'kty', 'n']],
]);

/** Bytes of the public exponent of an RSA key. With one as long as the modulus, which a stranger may choose, verifying takes as long as signing. */
const LONGEST_EXPONENT = 8;

const MEMBERS_IN_BASE64URL: ReadonlySet<string> = new Set(['x', 'y', 'n', 'e']);

function requireBase64url(text: string): void {
  if (Buffer.from(text, 'base64url').toString('base64url') !== text) throw new TypeError('It is not in base64url');
}

/** The members that make a key, and no other, in the form that is hashed. @throws TypeError for what is no public key of a type that is known */
function essenceOf(jwk: object): string {
  const names = REQUIRED.get(Reflect.get(jwk, 'kty'));
  if (!names) throw new TypeError('A JWK needs a kty of EC, OKP or RSA');
  const members = names.map((name): [string, string] => {
    const value: unknown = Reflect.get(jwk, name);
    if (typeof value !== 'string' || value === '') throw new TypeError(`The JWK has no ${name}`);
    if (MEMBERS_IN_BASE64URL.has(name)) requireBase64url(value);
    return [name, value];
  });
  return JSON.stringify(Object.fromEntries(members));
}

/** The thumbprint of a key, with SHA-256. @throws TypeError for what is no key of a type that is known. @see RFC 7638 §3 */
export function thumbprintOf(jwk: object): string {
  return hash('sha256', essenceOf(jwk), 'base64url');
}

/** Keys by all that makes them. Making one of a curve costs as much as verifying by it: node:crypto tests whether the point is on the curve. */
const keyFrom = recentlyUsed(1000, (essence): KeyObject => {
  const key: JsonWebKey = JSON.parse(essence);
  if (Buffer.byteLength(key.e ?? '', 'base64url') > LONGEST_EXPONENT) throw new TypeError('Its exponent is too long');
  return createPublicKey({ key, format: 'jwk' });
});

const VERIFY: readonly string[] = ['verify'];

/** Whether these are operations, of which one verifies. @see RFC 7517 §4.3 */
function haveVerify(operations: unknown): boolean {
  return Array.isArray(operations) && new Set(operations).size === operations.length && operations.includes('verify');
}

/** Whether a key may verify, and by this algorithm. @see RFC 7517 §4.2, §4.3, §4.4 */
export function mayVerify(jwk: object, alg: string): boolean {
  const { use = 'sig', key_ops: operations = VERIFY, alg: its = alg, ext = true } = jwk as Record<string, unknown>;
  return use === 'sig' && its === alg && typeof ext === 'boolean' && haveVerify(operations);
}

/**
 * The public key that a JWK is.
 *
 * @throws TypeError for a key that is private or symmetric, or is not to verify by this algorithm; Error for one that is none
 */
export function publicKeyOf(jwk: object, alg: string): KeyObject {
  if (secretMemberOf(jwk) !== undefined) throw new TypeError('It is no public key');
  if (!mayVerify(jwk, alg)) throw new TypeError(`The key is not to verify by ${alg}`);
  return keyFrom(essenceOf(jwk));
}
