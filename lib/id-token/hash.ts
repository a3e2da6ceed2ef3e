/** Hashes of the code and the access token that are issued together with an ID token. @see OpenID Connect Core §3.1.3.6, §3.3.2.11 */
import { createHash } from 'node:crypto';

/** The names of Ed25519, which uses SHA-512. @see RFC 8032 §5.1 */
const OF_EDWARDS: ReadonlySet<string> = new Set(['EdDSA', 'Ed25519']);

/** The hash function of a signature algorithm. @throws Error for an algorithm without a known one */
function hashOf(alg: string): string {
  if (OF_EDWARDS.has(alg)) return 'sha512';
  const [, bits] = /^(?:ES|PS|RS)(256|384|512)$/.exec(alg) ?? [];
  if (bits === undefined) throw new Error(`No hash is known for ${alg}`);
  return `sha${bits}`;
}

/**
 * The left half of the hash of a code or a token, in base64url: `c_hash`, `at_hash`.
 *
 * @param alg the algorithm that the ID token is signed with, which determines the hash function
 * @see OpenID Connect Core §3.3.2.11
 */
export function leftHalfHash(value: string, alg: string): string {
  const hash = createHash(hashOf(alg)).update(value, 'ascii').digest();
  return hash.subarray(0, hash.length / 2).toString('base64url');
}
