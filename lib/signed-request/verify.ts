/** Verifies requests that a client has signed. @see RFC 9101 §6, CIBA §7.1.1 */
import { compactVerify, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose';
import { textOf } from '../clients/member.js';
import type { OAuth2Error } from '../errors/oauth2-error.js';
import type { ReasonValues } from '../errors/reason.js';
import { parseJSON } from '../http/depth.js';
import type { LookUp } from '../keys/client-keys.js';

/** Far more than a request with `claims` and `authorization_details` needs. */
const MAX_CHARACTERS = 32 * 1024;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

export interface SignedRequest {
  readonly header: ProtectedHeaderParameters;
  readonly claims: JWTPayload;
}

/** By what signed requests are verified. */
export interface Verification<C> {
  readonly lookUp: LookUp<C>;
  /** The algorithms that the server takes. */
  readonly algorithms: readonly string[];
  /** The member of a registration that names the algorithm of the client. */
  readonly registeredAs: string;
  /** Makes the error. @param why what is wrong, for the client's developer */
  invalid(why: string, values?: ReasonValues): OAuth2Error;
}

/** The header, unverified. */
function headerOf<C>(text: string, { invalid }: Verification<C>): ProtectedHeaderParameters {
  if (text.length > MAX_CHARACTERS) throw invalid('It is too long');
  try {
    return decodeProtectedHeader(text);
  } catch {
    throw invalid('It is no JWS in compact form');
  }
}

function claimsIn(payload: Uint8Array): JWTPayload {
  const claims = parseJSON(UTF8.decode(payload));
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) throw new TypeError('It is no object');
  return claims as JWTPayload;
}

/**
 * The claims of a request that the client has signed. Nothing of it is read before its signature is good.
 *
 * @throws OAuth2Error that `invalid` makes
 * @throws TokenError `temporarily_unavailable` (503) when the client's keys cannot be fetched
 */
export async function verified<C>(text: string, client: C, verification: Verification<C>): Promise<SignedRequest> {
  const { lookUp, algorithms, registeredAs, invalid } = verification;
  const header = headerOf(text, verification);
  const { alg = 'none' } = header;
  // RFC 9101 §6.2, §10.1, RFC 8725 §3.1: the server chooses among the algorithms, and the client by its registration; never what an attacker writes there
  const isAllowed = algorithms.includes(alg) && (textOf(client, registeredAs) ?? alg) === alg;
  if (!isAllowed) throw invalid('The algorithm is not allowed', { came: alg, algorithms });
  const key = await lookUp(client, ({ find }) => find(header));
  if (key === undefined) throw invalid('The client has no key for it', { kid: header.kid, alg });
  const good = await compactVerify(text, key, { algorithms: [alg] }).catch(() => undefined);
  if (!good) throw invalid('The signature is wrong', { kid: header.kid, alg }); // RFC 9101 §6.2: MUST be valid
  try {
    return { header, claims: claimsIn(good.payload) };
  } catch {
    throw invalid('Its content is no JSON object, or too deep');
  }
}
