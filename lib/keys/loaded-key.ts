/** Keys in JWK form, ready to sign and to be published. */
import type { JWK } from 'jose';
import { requireKnown } from '../options.js';
import type { SigningKey } from '../plugs.js';
import { thumbprintOf } from './jwk.js';
import { isSignedBy, readJWS } from './jws.js';
import { publicPart } from './public-jwk.js';
import { signJWT } from './sign.js';
import { usableKey } from './usable-key.js';

/** The algorithms that a key set signs with. @see RFC 9068 §2.1, RFC 8725 §3.1, RFC 9864 §2.2 */
export type SigningAlgorithm = 'EdDSA' | 'Ed25519' | 'ES256' | 'RS256' | 'PS256';

export const ALGORITHMS: readonly SigningAlgorithm[] = ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256'];

/**
 * A key whose private part is elsewhere, such as in a key management service.
 *
 * @example
 * const key: ExternalKey = {
 *   publicKey: { ...publicKey, alg: 'ES256' },
 *   sign: (data, { signal }) => kms.sign(data, { signal }),
 * };
 */
export interface ExternalKey {
  /** The public key, with its `alg`. A missing `kid` becomes the key's thumbprint. */
  readonly publicKey: JWK;
  /**
   * Signs data with the algorithm of the key, which includes hashing.
   *
   * @param data the bytes to sign, not hashed yet
   * @param options.signal is aborted after 5 seconds, when the signing has failed
   * @returns the signature; one of ECDSA in the form of JWS or of ASN.1
   */
  sign(data: Uint8Array, options: { readonly signal: AbortSignal }): Promise<Uint8Array>;
}

/** A key that is published, and may also sign. */
export interface LoadedKey {
  readonly kid: string;
  readonly alg: string;
  /** The public JWK, as it is published. */
  readonly jwk: JWK;
  /** The key that verifies. */
  readonly verifying: SigningKey;
}

/** A key that signs. */
export interface LoadedSigningKey extends LoadedKey {
  readonly signing: SigningKey;
}

/** The key with its `kid` and `alg`. @throws TypeError for a key without a supported algorithm */
export function identified(jwk: JWK): JWK & { kid: string; alg: string } {
  const { alg } = jwk;
  if (!(ALGORITHMS as readonly unknown[]).includes(alg) || alg === undefined)
    throw new TypeError(`A signing key needs an alg of ${ALGORITHMS.join(', ')}, not ${alg}`);
  return { ...jwk, alg, kid: jwk.kid ?? thumbprintOf(jwk) };
}

/** Loads a key that is only published: a private part is not used. @throws TypeError for a key that cannot verify with its algorithm */
export function loadPublished(jwk: JWK): LoadedKey {
  const { kid, alg, ...rest } = identified(jwk);
  const open = publicPart({ ...rest, kid, alg });
  return { kid, alg, jwk: open, verifying: { kid, alg, key: usableKey(open, alg, 'verify') } };
}

/** @throws TypeError if the published part does not verify a signature of the key */
async function requirePair({ kid, verifying, signing }: LoadedSigningKey): Promise<void> {
  const why = `The key ${kid} cannot sign what its public part verifies`;
  const signed = await signJWT(signing, {}, 'key-check+jwt').catch((cause: unknown) => {
    throw new TypeError(why, { cause });
  });
  if (!(await isSignedBy(readJWS(signed), verifying.key, verifying.alg))) throw new TypeError(why);
}

async function withSigner(jwk: JWK, signer: Partial<SigningKey>): Promise<LoadedSigningKey> {
  const loaded = loadPublished(jwk);
  const signing = Object.assign({}, loaded.verifying, signer);
  const key = { ...loaded, signing };
  await requirePair(key);
  return key;
}

/**
 * Loads a key that signs: a private JWK, or an `ExternalKey`. It makes one signature, so that a key that cannot sign, is too short or does not belong to
 * its public part is found at start.
 *
 * @throws TypeError for such a key
 */
export async function loadSigning(key: JWK | ExternalKey): Promise<LoadedSigningKey> {
  if ('publicKey' in key && typeof key.publicKey === 'object') {
    requireKnown<ExternalKey>(key as ExternalKey, { publicKey: true, sign: true }, 'A key elsewhere');
    const { publicKey } = key as ExternalKey;
    return withSigner(publicKey, { sign: (key as ExternalKey).sign.bind(key) });
  }
  const jwk = identified(key as JWK);
  if (jwk.d === undefined) throw new TypeError('The signing key must be a private key');
  return withSigner(jwk, { key: usableKey(jwk, jwk.alg, 'sign') });
}
