/** The public part of keys, which a key set may publish. */
import type { JWK } from 'jose';
import { secretMemberOf } from '../syntax/jwk.js';

/** The members of a public key, by its type. @see RFC 7518 §6.2.1, §6.3.1, RFC 8037 §2 */
const PUBLIC: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['crv', 'x', 'y']],
  ['OKP', ['crv', 'x']],
  ['RSA', ['n', 'e']],
]);

/** The public members of any key. @see RFC 7517 §4 */
const COMMON = ['kty', 'kid', 'alg', 'use', 'x5u', 'x5c', 'x5t', 'x5t#S256'];

/**
 * The public part of a key. Only members that are known to be public are kept, so that private members of future key types are not published.
 *
 * @see RFC 7517 §9.3
 */
export function publicPart(jwk: JWK): JWK {
  const names = [...COMMON, ...(PUBLIC.get(jwk.kty) ?? [])];
  const members = Object.entries(jwk).filter(([name]) => names.includes(name));
  return { ...Object.fromEntries(members), use: 'sig' };
}

/**
 * Refuses a key set that must not be published.
 *
 * @throws Error if it has a private or a symmetric key, a key without `kid`, or two keys with one `kid`
 * @see RFC 7517 §4.5, §9.3
 */
export function requirePublishable({ keys }: { readonly keys: readonly object[] }): void {
  const kids = new Set<unknown>();
  for (const jwk of keys) {
    const { kid }: JWK = jwk;
    const secret = secretMemberOf(jwk);
    if (secret !== undefined)
      throw new Error(`The key ${kid} must not be published: it has a private or symmetric member (${secret})`);
    if (typeof kid !== 'string' || kid === '')
      throw new Error('A published key needs a kid, by which verifiers find it');
    if (kids.has(kid)) throw new Error(`Two published keys have the kid ${kid}`);
    kids.add(kid);
  }
}
