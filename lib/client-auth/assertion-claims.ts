/** The claims that a client's assertion must have: RFC 7523 §3, RFC 10070 §4, OpenID Connect Core 1.0 §9. */
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import { authenticationFailed } from './failure.js';

/** The server's values that the claims of an assertion are compared with. */
export interface ClaimRules {
  /** The values that `aud` may have: the issuer identifier, and those that the application allows besides. */
  readonly audiences: ReadonlySet<string>;
  /** Seconds from now to `exp`, at most. */
  readonly maxLifetime: number;
  /** Seconds by which the client's clock may differ. */
  readonly skew: number;
}

/** What the server remembers of an assertion, so that it accepts it only once. */
export interface AcceptableAssertion {
  readonly jti: string;
  /** Epoch seconds until which the `jti` must be remembered. */
  readonly expiresAt: number;
}

/**
 * RFC 8725 §3.11, RFC 10070 §4: the values that `typ` may have. A client signs other JWTs, such as DPoP proofs, with the same keys, and they must
 * not be accepted as assertions.
 */
const ASSERTION_TYP = /^(?:application\/)?(?:jwt|client-authentication\+jwt)$/i;

/** Characters of a `jti`, which is stored until the assertion expires. */
const MAX_JTI_LENGTH = 512;

/** RFC 10070 §4: the issuer identifier and nothing else. A malicious authorization server may have had the client sign any other audience. */
function isForUs(aud: unknown, audiences: ReadonlySet<string>): boolean {
  const values: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  const areDifferent = new Set(values).size === values.length;
  return (
    values.length > 0 && areDifferent && values.every((value) => typeof value === 'string' && audiences.has(value))
  );
}

/** RFC 7519 §2: NumericDate. */
function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}

/** What is wrong with the times of an assertion; undefined when nothing is. */
function faultOfTimes({ exp, nbf = 0, iat = 0 }: JWTPayload, { maxLifetime, skew }: ClaimRules, now: number) {
  if (![exp, nbf, iat].every(isTime)) return 'exp, nbf or iat is no time';
  if (!(Number(exp) + skew > now)) return 'exp has passed'; // RFC 7523 §3 item 4
  if (Number(exp) > now + maxLifetime + skew) return 'exp is too far off'; // item 4: MAY be refused
  if (nbf > now + skew) return 'nbf is to come'; // item 5
  return iat > now + skew ? 'iat is to come' : undefined; // item 6
}

/** Why an assertion is not accepted, for the operator; undefined when it is accepted. */
function faultOf(header: ProtectedHeaderParameters, claims: JWTPayload, rules: ClaimRules, now: number) {
  const { typ = 'JWT', crit } = header;
  const { iss, sub, aud, jti } = claims;
  if (typeof typ !== 'string' || !ASSERTION_TYP.test(typ)) return 'typ is of another kind of JWT';
  if (crit !== undefined) return 'crit names what is not understood'; // RFC 7515 §4.1.11
  if (iss !== sub) return 'iss is not sub'; // RFC 7523 §3 items 1 and 2
  if (!isForUs(aud, rules.audiences)) return 'aud is not the issuer identifier alone'; // item 3, RFC 10070 §4
  const isIdentified = typeof jti === 'string' && jti !== '' && jti.length <= MAX_JTI_LENGTH;
  if (!isIdentified) return 'jti is missing, or too long'; // OpenID Connect Core 1.0 §9: REQUIRED
  return faultOfTimes(claims, rules, now);
}

/** @throws TokenError `invalid_client`, whose `cause` tells the operator what is wrong */
export function requireAcceptable(
  header: ProtectedHeaderParameters,
  claims: JWTPayload,
  rules: ClaimRules,
  now: number,
): AcceptableAssertion {
  const reason = faultOf(header, claims, rules, now);
  if (reason !== undefined) throw authenticationFailed(`client_assertion: ${reason}`);
  const { jti = '', exp = 0 } = claims;
  return { jti, expiresAt: Math.ceil(exp + rules.skew) };
}
