/** Signs JWTs with the keys of a server. Every JWT of the server is signed here. */
import { textOf } from '../clients/member.js';
import type { SigningKey, SigningKeys } from '../plugs.js';
import type { Claims } from '../types.js';
import { isAsymmetric } from './asymmetric.js';
import { externalSignature, SignerUnavailableError } from './external-signature.js';
import { wrongTimeIn } from './numeric-date.js';
import { isSignatureOf, signatureOf } from './signature.js';

/**
 * The key that signs with an algorithm, or with the default one if none is named; undefined if there is none. Never `none`, and never HMAC, whose
 * key every recipient would have, too.
 *
 * @throws the error of the keys if it has the status 503: they cannot be reached now
 * @example const key = signingKey(core.keys, 'ES256') ?? signingKey(core.keys);
 */
export function signingKey(keys: SigningKeys | undefined, alg?: string): SigningKey | undefined {
  if (!keys) return undefined;
  try {
    const key = keys.signing(alg);
    return key.alg === (alg ?? key.alg) && isAsymmetric(key.alg) ? key : undefined;
  } catch (error) {
    if ((error as { readonly status?: unknown } | null)?.status === 503) throw error;
    return undefined; // keys throw if they have none for an algorithm
  }
}

/** The algorithms with which the keys sign now, for the metadata. @example const voucher_signing_alg_values_supported = signingAlgorithms(core.keys); */
export function signingAlgorithms(keys: SigningKeys | undefined): readonly string[] {
  const published = keys?.jwks().keys.flatMap((jwk) => textOf(jwk, 'alg') ?? []) ?? [];
  return [...new Set(published)].filter((alg) => signingKey(keys, alg));
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/**
 * Signs elsewhere, such as in a key management service, and verifies the signature: the key there may have been replaced, and then differs from the published
 * one.
 */
async function signedElsewhere(key: SigningKey, data: Buffer): Promise<Buffer> {
  const signature = await externalSignature(key, data);
  const isGood = await isSignatureOf(key.alg, key.key, data, signature);
  if (!isGood) throw new SignerUnavailableError(`The signer does not sign with the published key ${key.kid}`);
  return signature;
}

/** @throws Error for a token that expires after its key has ceased to be published: nobody could verify it any more */
function requireVerifiable({ kid, longestToken }: SigningKey, { iat, exp }: Claims): void {
  if (longestToken === undefined || typeof iat !== 'number' || typeof exp !== 'number') return;
  if (exp - iat > longestToken)
    throw new Error(
      `A token would live for ${exp - iat} s, and the key ${kid} is published for ${longestToken} s after it has signed: raise longestToken`,
    );
}

/**
 * Signs a JWT. Its header names the algorithm and the key: verifiers find the key by `kid` while keys are rotated.
 *
 * @param typ the kind of JWT, such as `at+jwt`: a JWT of one kind must not be accepted as one of another kind. @see RFC 8725 §3.11
 * @throws TypeError for an algorithm without a public key, such as `none` and HMAC, a key that is not for its algorithm, and a time that is not a number
 * @throws SignerUnavailableError (503) if a key elsewhere does not sign
 * @throws Error for a token that lives longer than its key is published
 * @example
 * const key = signingKey(core.keys, 'ES256');
 * const jwt = key && await signJWT(key, { iss: 'https://as.example', aud: client.client_id }, 'logout+jwt');
 * @see RFC 7515 §4.1, RFC 7519 §7.1
 */
export async function signJWT(key: SigningKey, claims: Claims, typ?: string): Promise<string> {
  const { alg, kid } = key;
  if (!isAsymmetric(alg)) throw new TypeError(`A JWT is signed by a key with a public part, not by ${alg}`);
  const wrongTime = wrongTimeIn(claims);
  if (wrongTime !== undefined) throw new TypeError(`${wrongTime} is not a number`);
  requireVerifiable(key, claims);
  const header = { alg, kid, ...(typ !== undefined && { typ }) };
  const input = `${encode(header)}.${encode(claims)}`; // RFC 7515 §5.1
  const data = Buffer.from(input);
  const signature = await (key.sign ? signedElsewhere(key, data) : signatureOf(alg, key.key, data));
  return `${input}.${signature.toString('base64url')}`;
}
