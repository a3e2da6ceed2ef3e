/** Verifies a request object. @see RFC 9101 §6 */
import { compactVerify, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose';
import { textOf } from '../../clients/member.js';
import { parseJSON } from '../../http/depth.js';
import type { LookUp } from '../../keys/client-keys.js';
import { invalidObject } from './invalid.js';

/** Far more than a request with `claims` and `authorization_details` needs. */
const MAX_CHARACTERS = 32 * 1024;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

export interface VerifiedObject {
  readonly header: ProtectedHeaderParameters;
  readonly claims: JWTPayload;
}

/** The header of an object, unverified. @throws AuthorizationError `invalid_request_object` */
function headerOf(text: string): ProtectedHeaderParameters {
  if (text.length > MAX_CHARACTERS) throw invalidObject('It is too long');
  try {
    return decodeProtectedHeader(text);
  } catch {
    throw invalidObject('It is no JWS in compact form');
  }
}

function claimsIn(payload: Uint8Array): JWTPayload {
  const claims = parseJSON(UTF8.decode(payload));
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) throw new TypeError('It is no object');
  return claims as JWTPayload;
}

/**
 * The claims of an object that the client has signed. Nothing of it is read before its signature is good.
 *
 * @param algorithms those that the server takes
 * @throws AuthorizationError `invalid_request_object`
 * @throws TokenError `temporarily_unavailable` (503) when the client's keys cannot be fetched
 */
export async function verified<C>(
  text: string,
  client: C,
  lookUp: LookUp<C>,
  algorithms: readonly string[],
): Promise<VerifiedObject> {
  const header = headerOf(text);
  const { alg = 'none' } = header;
  // §6.2, §10.1, RFC 8725 §3.1: the server chooses among the algorithms, and the client by its registration; never what an attacker writes there
  const isAllowed = algorithms.includes(alg) && (textOf(client, 'request_object_signing_alg') ?? alg) === alg;
  if (!isAllowed) throw invalidObject('The algorithm is not allowed', { came: alg, algorithms });
  const key = await lookUp(client, ({ find }) => find(header));
  if (key === undefined) throw invalidObject('The client has no key for it', { kid: header.kid, alg });
  const good = await compactVerify(text, key, { algorithms: [alg] }).catch(() => undefined);
  if (!good) throw invalidObject('The signature is wrong', { kid: header.kid, alg }); // §6.2: MUST be valid
  try {
    return { header, claims: claimsIn(good.payload) };
  } catch {
    throw invalidObject('Its content is no JSON object, or too deep');
  }
}
