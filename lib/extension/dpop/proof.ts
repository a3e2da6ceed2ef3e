/** Whether a DPoP proof is good for a request: by the method, the URL, the header and the token alone. @see RFC 9449 §4.3 */
import { hash } from 'node:crypto';
import { CLOCK_SKEW } from '../../clock.js';
import { claimsIn, isSignedBy, type JWS, readJWS } from '../../keys/jws.js';
import { NOT_SIGNED, type ProofFault, type ProofHeader, type ProofHeaders } from './header.js';
import { comparable } from './url.js';

/** What is compared with one another. */
export interface Presented {
  /** The value of the `DPoP` header. */
  readonly proof: string;
  readonly method: string;
  /** Where the request went, as clients see it: any of these. Their query does not count. */
  readonly urls: readonly string[];
  /** The access token that came with it, at an API. */
  readonly token?: string | undefined;
}

export interface ProofRules {
  readonly headers: ProofHeaders;
  /** The time in epoch seconds. */
  readonly now: number;
}

/** What a good proof says. */
export interface GoodProof {
  /** The thumbprint of its key. @see RFC 7638 */
  readonly thumbprint: string;
  readonly jti: string;
  /** Epoch seconds. */
  readonly issuedAt: number;
  readonly nonce: string | undefined;
}

/** Seconds for which a proof is good, besides the difference of the clocks. @see RFC 9449 §11.1 */
const LIFETIME = 30;

/** Seconds for which a proof is good after the time that it says. It must be remembered for longer than that. */
export const GOOD_FOR = LIFETIME + CLOCK_SKEW;

/** In characters: one with an RSA key of 8192 bits has fewer. Verifying takes longer the larger the key is. */
const LONGEST = 4096;
/** In characters. RFC 9449 §11.1: a server that remembers them refuses those that are too large. */
const LONGEST_JTI = 256;

/** RFC 7515 §7.1. Several headers become one, with a comma, which is no part of a JWT. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** A proof that was taken apart. Nothing of it is verified. @returns undefined for what is no JWT */
function partsOf(proof: string, { alg }: ProofHeader): JWS | undefined {
  try {
    return readJWS(proof, () => ({ alg }));
  } catch {
    return undefined; // a stranger wrote it
  }
}

/** The claims of a proof, if the key in its header has signed them. */
async function claimsOf(jws: JWS, { key, alg }: ProofHeader): Promise<Record<string, unknown> | undefined> {
  if (!(await isSignedBy(jws, key, alg))) return undefined; // §4.3 item 6
  try {
    return claimsIn(jws);
  } catch {
    return undefined; // what is no JSON object
  }
}

/** Whether a proof was made a moment ago: RFC 9449 §4.3 item 11. */
function isRecent(issuedAt: number, now: number): boolean {
  return issuedAt >= now - GOOD_FOR && issuedAt <= now + CLOCK_SKEW;
}

/** What of the claims does not fit the request. */
function unfit(
  claims: Record<string, unknown>,
  { method, urls, token }: Presented,
  now: number,
): ProofFault | undefined {
  const { jti, htm, htu, iat, ath, nonce } = claims;
  if (typeof jti !== 'string' || jti === '' || jti.length > LONGEST_JTI)
    return { fault: 'jti is missing, or too long' };
  if (htm !== method) return { fault: 'htm is not the method of the request', values: { htm, method } }; // item 8
  const said = typeof htu === 'string' ? comparable(htu) : undefined;
  if (said === undefined || !urls.some((url) => comparable(url) === said))
    return { fault: 'htu is not the URL of the request', values: { htu, url: urls.join(' ') } }; // item 9
  if (typeof iat !== 'number' || !isRecent(iat, now))
    return { fault: 'iat is not the present time', values: { iat, now } }; // item 11
  if (nonce !== undefined && typeof nonce !== 'string') return { fault: 'nonce is not a string' };
  // item 12: at an API, and for this token
  if (token !== undefined && ath !== hash('sha256', token, 'base64url'))
    return { fault: 'ath is not the hash of the access token' };
  return undefined;
}

/**
 * Whether a proof is good for a request. Whether its nonce is a good one, and whether it was used before, is not known here.
 *
 * @see RFC 9449 §4.3
 */
export async function checkProof(presented: Presented, { headers, now }: ProofRules): Promise<GoodProof | ProofFault> {
  const { proof } = presented;
  if (proof.includes(',')) return { fault: 'there are several' }; // item 1
  if (proof.length > LONGEST || !COMPACT.test(proof)) return { fault: 'it is no JWT, or too long' };
  const header = proof.slice(0, proof.indexOf('.'));
  const signer = headers.read(header);
  if ('fault' in signer) return signer;
  const jws = partsOf(proof, signer);
  if (!jws) return { fault: 'it is no JWT' }; // item 2
  const claims = await claimsOf(jws, signer);
  if (!claims) return NOT_SIGNED;
  headers.keep(header, signer);
  const fault = unfit(claims, presented, now);
  if (fault) return fault;
  const { jti, iat, nonce } = claims as { readonly jti: string; readonly iat: number; readonly nonce?: string };
  return { thumbprint: signer.thumbprint, jti, issuedAt: iat, nonce };
}
