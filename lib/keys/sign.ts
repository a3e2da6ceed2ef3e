/** Signs JWTs with the keys of a server. Every JWT of the server, but for access tokens, is signed here. */
import { SignJWT } from 'jose';
import { textOf } from '../clients/member.js';
import type { SigningKey, SigningKeys } from '../plugs.js';
import type { Claims } from '../types.js';
import { ASYMMETRIC } from './asymmetric.js';

type SignKey = Parameters<SignJWT['sign']>[0];

/**
 * The key that signs by an algorithm, or by the usual one where none is named; undefined where there is none. Never `none`, and never HMAC, whose
 * key would be the client's, too.
 *
 * @throws what the keys throw with the status 503: keys elsewhere that cannot be reached now
 */
export function signingKey(keys: SigningKeys | undefined, alg: string | undefined): SigningKey | undefined {
  if (!keys) return undefined;
  try {
    const key = keys.signing(alg);
    const isAllowed = key.alg === (alg ?? key.alg) && (ASYMMETRIC as readonly string[]).includes(key.alg);
    return isAllowed ? key : undefined;
  } catch (error) {
    if ((error as { readonly status?: unknown } | null)?.status === 503) throw error;
    return undefined; // keys throw if they have none for an algorithm
  }
}

/** The algorithms by which the keys sign. */
export function signingAlgorithms(keys: SigningKeys | undefined): readonly string[] {
  const published = keys?.jwks().keys.flatMap((jwk) => textOf(jwk, 'alg') ?? []) ?? [];
  return [...new Set(published)].filter((alg) => signingKey(keys, alg));
}

/** @param typ what kind of JWT it is. @see RFC 8725 §3.11 */
export function signJWT(key: SigningKey, claims: Claims, typ?: string): Promise<string> {
  const header = { alg: key.alg, kid: key.kid, ...(typ !== undefined && { typ }) };
  return new SignJWT(claims).setProtectedHeader(header).sign(key.key as SignKey);
}
