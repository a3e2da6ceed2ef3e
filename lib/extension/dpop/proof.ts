/** Checks whether a DPoP proof fits a request, by its method, its URL, its header and its token alone. @see RFC 9449 §4.3 */
import { hash } from 'node:crypto';
import { CLOCK_SKEW } from '../../clock.js';
import { claimsIn, isSignedBy, type JWS, readJWS } from '../../keys/jws.js';
import { NOT_SIGNED, type ProofFault, type ProofHeader, type ProofHeaders } from './header.js';
import { comparable } from './url.js';

/** A proof, and the request that it is compared with. */
export interface Presented {
  /** The value of the `DPoP` header. */
  readonly proof: string;
  readonly method: string;
  /** The URLs of the request as clients see them. The proof must have one of these; their query is ignored. */
  readonly urls: readonly string[];
  /** The access token that came with the proof, at an API. */
  readonly token?: string | undefined;
}

export interface ProofRules {
  readonly headers: ProofHeaders;
  /** The time in epoch seconds. */
  readonly now: number;
}

/** The values of a valid proof. */
export interface GoodProof {
  /** The thumbprint of its key. @see RFC 7638 */
  readonly thumbprint: string;
  readonly jti: string;
  /** Epoch seconds. */
  readonly issuedAt: number;
  readonly nonce: string | undefined;
}

/** Seconds for which a proof is accepted, if all clocks agree. @see RFC 9449 §11.1 */
const LIFETIME = 30;

/** Seconds after its `iat` for which a proof is accepted. A used proof must be remembered for longer. */
export const GOOD_FOR = LIFETIME + CLOCK_SKEW;

/** In characters. A proof with an RSA key of 8192 bits is shorter. The limit also bounds the time to verify, which grows with the key. */
const LONGEST = 4096;
/** In characters. RFC 9449 §11.1: a server that remembers `jti` should refuse large ones. */
const LONGEST_JTI = 256;

/** RFC 7515 §7.1. Node joins several headers by a comma, which no JWT has. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The parts of a proof, unverified. @returns undefined for a text that is no JWT */
function partsOf(proof: string, { alg }: ProofHeader): JWS | undefined {
  try {
    return readJWS(proof, () => ({ alg }));
  } catch {
    return undefined; // a stranger may send any text
  }
}

/** The claims of a proof, if the key in its header has signed them. */
async function claimsOf(jws: JWS, { key, alg }: ProofHeader): Promise<Record<string, unknown> | undefined> {
  if (!(await isSignedBy(jws, key, alg))) return undefined; // §4.3 item 6
  try {
    return claimsIn(jws);
  } catch {
    return undefined; // the claims are no JSON object
  }
}

/** Whether a proof was made recently: RFC 9449 §4.3 item 11. */
function isRecent(issuedAt: number, now: number): boolean {
  return issuedAt >= now - GOOD_FOR && issuedAt <= now + CLOCK_SKEW;
}

/** Which claim does not fit the request. */
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
 * Checks a proof against its request. It checks neither the nonce nor whether the proof was used before.
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
