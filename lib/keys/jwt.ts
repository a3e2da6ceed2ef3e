/** Verifies JWTs of others: the signature, and the claims that every JWT has. @see RFC 7519 §7.2 */
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import { Reason } from '../errors/reason.js';
import { jwtType } from '../syntax/jwt-type.js';
import type { Awaitable } from '../types.js';
import { claimsIn, isSignedBy, readJWS } from './jws.js';
import { wrongTimeIn } from './numeric-date.js';

/** What a JWT must have to be accepted. */
export interface ExpectedJWT {
  readonly issuer: string;
  /** `aud` must have one of these. Absent: `aud` is not compared. */
  readonly audience?: readonly string[];
  /** Its `typ`. Absent: `typ` is not compared. @see RFC 8725 §3.11 */
  readonly typ?: string;
  readonly algorithms: readonly string[];
  /** Epoch seconds. */
  readonly now: number;
  /** Seconds by which the clock of the issuer may differ. */
  readonly skew: number;
}

/** A JWT whose signature and claims were verified. */
export interface VerifiedJWT {
  readonly header: ProtectedHeaderParameters;
  readonly claims: JWTPayload;
}

/** What is wrong with the times. @see RFC 7519 §4.1.4, §4.1.5 */
function faultOfTimes(claims: JWTPayload, { now, skew }: ExpectedJWT): Reason | undefined {
  const wrong = wrongTimeIn(claims);
  if (wrong !== undefined) return new Reason(`its "${wrong}" is not a number`);
  const { nbf = Number.NEGATIVE_INFINITY, exp = Number.POSITIVE_INFINITY } = claims;
  if (nbf > now + skew) return new Reason('its "nbf" is in the future', { nbf, now });
  return exp <= now - skew ? new Reason('its "exp" has passed', { exp, now }) : undefined;
}

/** The reason for refusing a JWT of another `typ`. */
export function wrongType(came: unknown, wanted: readonly string[]): Reason {
  return new Reason('its "typ" is of another kind of JWT', { came, wanted });
}

/** What is wrong with a JWT, for the operator: without claims about a user. */
function faultOf({ header: { typ }, claims }: VerifiedJWT, expected: ExpectedJWT): Reason | undefined {
  const { issuer, audience } = expected;
  if (expected.typ !== undefined && (typeof typ !== 'string' || jwtType(typ) !== jwtType(expected.typ)))
    return wrongType(typ, [expected.typ]);
  const { iss, aud } = claims;
  if (iss !== issuer) return new Reason('its "iss" is another issuer', { came: iss, wanted: issuer });
  if (audience && ![aud].flat().some((one) => audience.includes(one as string)))
    return new Reason('its "aud" is another audience', { came: aud, wanted: audience });
  return faultOfTimes(claims, expected);
}

/**
 * Verifies a JWT.
 *
 * @param findKey gives the key for a header whose algorithm is one of the accepted ones
 * @throws Reason that says what is wrong; Error for a malformed JWT; the errors of `findKey`
 */
export async function verifyJWT(
  text: string,
  findKey: (header: ProtectedHeaderParameters) => Awaitable<unknown>,
  expected: ExpectedJWT,
): Promise<VerifiedJWT> {
  const jws = readJWS(text);
  const { header } = jws;
  const alg = String(header.alg);
  if (!expected.algorithms.includes(alg))
    throw new Reason('its algorithm is not allowed', { came: alg, wanted: expected.algorithms }); // RFC 8725 §3.1
  if (!(await isSignedBy(jws, await findKey(header), alg)))
    throw new Reason('its signature is wrong', { kid: header.kid, alg });
  const verified = { header, claims: claimsIn(jws) };
  const fault = faultOf(verified, expected);
  if (fault !== undefined) throw fault;
  return verified;
}
