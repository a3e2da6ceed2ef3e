/** Verifies requests that a client has signed. @see RFC 9101 §6, CIBA §7.1.1 */
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import { textOf } from '../clients/member.js';
import type { OAuth2Error } from '../errors/oauth2-error.js';
import type { ReasonValues } from '../errors/reason.js';
import type { LookUp } from '../keys/client-keys.js';
import { claimsIn, isSignedBy, type JWS, readJWS } from '../keys/jws.js';

/** Far more than a request with `claims` and `authorization_details` needs. */
const MAX_CHARACTERS = 32 * 1024;

export interface SignedRequest {
  readonly header: ProtectedHeaderParameters;
  readonly claims: JWTPayload;
}

/** How signed requests are verified. */
export interface Verification<C> {
  readonly lookUp: LookUp<C>;
  /** The algorithms that the server accepts. */
  readonly algorithms: readonly string[];
  /** The member of a registration that names the algorithm of the client. */
  readonly registeredAs: string;
  /** Makes the error for a request that is refused. @param why what is wrong, for the client's developer */
  invalid(why: string, values?: ReasonValues): OAuth2Error;
}

/** The decoded request, not verified. */
function read<C>(text: string, { invalid }: Verification<C>): JWS {
  if (text.length > MAX_CHARACTERS) throw invalid('It is too long');
  try {
    return readJWS(text);
  } catch {
    throw invalid('It is not a JWS in compact form');
  }
}

/**
 * Verifies a request that the client has signed. Its claims are read only after the signature was verified.
 *
 * @throws OAuth2Error that `invalid` makes
 * @throws TokenError `temporarily_unavailable` (503) if the client's keys cannot be fetched
 */
export async function verified<C>(text: string, client: C, verification: Verification<C>): Promise<SignedRequest> {
  const { lookUp, algorithms, registeredAs, invalid } = verification;
  const jws = read(text, verification);
  const { header } = jws;
  const { alg = 'none' } = header;
  // RFC 9101 §6.2, §10.1, RFC 8725 §3.1: the server and the client's registration decide about the algorithm, never the header, which an attacker can write
  const isAllowed = algorithms.includes(alg) && (textOf(client, registeredAs) ?? alg) === alg;
  if (!isAllowed) throw invalid('The algorithm is not allowed', { came: alg, algorithms });
  const key = await lookUp(client, ({ find }) => find(header));
  if (key === undefined) throw invalid('The client has no key for it', { kid: header.kid, alg });
  // RFC 9101 §6.2: MUST be valid
  if (!(await isSignedBy(jws, key, alg))) throw invalid('The signature is wrong', { kid: header.kid, alg });
  try {
    return { header, claims: claimsIn(jws) };
  } catch {
    throw invalid('Its content is not a JSON object, or is nested too deep');
  }
}
