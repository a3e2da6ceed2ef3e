/** Keeps two issuers from sharing all codes and tokens of one store. */
import type { TokenStore } from './store.js';

/** A property of stores: the issuer whose codes and tokens are in it. It is not enumerable, so that a copy of a store does not get it. */
const ISSUER = Symbol('koauthorize issuer');

/**
 * Remembers the issuer of a store. Codes and tokens do not name their issuer: in a store of two issuers, those of one would be valid at the other, for a client
 * of the same identifier.
 *
 * @throws Error if the same object is the store of another issuer
 * @see RFC 6749 §4.1.3, RFC 9700 §2.3
 */
export function requireOneIssuer(store: TokenStore & { readonly [ISSUER]?: string }, issuer: string | undefined): void {
  if (issuer === undefined) return;
  const earlier = Object.hasOwn(store, ISSUER) ? store[ISSUER] : undefined; // not that of a prototype, which is another object
  if (earlier !== undefined && earlier !== issuer)
    throw new Error(
      `Two issuers, ${earlier} and ${issuer}, have the same store: codes and tokens of one would be valid at the other. Give each a part of it: tokenService({ store: partition(store, issuer) })`,
    );
  if (earlier === undefined && Object.isExtensible(store)) Object.defineProperty(store, ISSUER, { value: issuer });
}
