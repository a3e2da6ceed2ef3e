/** Judges the claims of an assertion: a JWT that authenticates a client, or vouches for a user. RFC 7523 §3, RFC 8725. */
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import { Reason } from '../errors/reason.js';
import { jwtType } from '../syntax/jwt-type.js';

/** What an assertion is compared with. */
export interface AssertionRules {
  /**
   * The values that `typ` may have, in lower case. An assertion without `typ` counts as `jwt`. RFC 8725 §3.11: the same keys sign other kinds of JWT,
   * such as DPoP proofs and ID tokens, which must not be accepted as assertions.
   */
  readonly types: ReadonlySet<string>;
  /** The values that `aud` may have. */
  readonly audiences: ReadonlySet<string>;
  /** Seconds from now to `exp`, at most. */
  readonly maxLifetime: number;
  /** Seconds by which the clock of the issuer may differ. */
  readonly skew: number;
  /** Whether it may be used several times. Otherwise it needs a `jti`, by which a second use is detected. */
  readonly mayBeReused?: boolean;
}

/** The most characters of a `jti`, which is stored until the assertion expires. */
const MAX_JTI_LENGTH = 512;

/** Whether this server is the only audience: any other audience could present the assertion here. @see RFC 7523 §3 item 3, RFC 10070 §4 */
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

/** What is wrong with the times of an assertion; undefined if nothing is wrong. */
function faultOfTimes({ exp, nbf = 0, iat = 0 }: JWTPayload, { maxLifetime, skew }: AssertionRules, now: number) {
  if (![exp, nbf, iat].every(isTime)) return new Reason('exp, nbf or iat is not a number', { exp, nbf, iat });
  if (!(Number(exp) + skew > now)) return new Reason('exp has passed', { exp, now }); // RFC 7523 §3 item 4
  if (Number(exp) > now + maxLifetime + skew) return new Reason('exp is too far off', { exp, now, maxLifetime }); // item 4: MAY be refused
  if (nbf > now + skew) return new Reason('nbf is in the future', { nbf, now }); // item 5
  return iat > now + skew ? new Reason('iat is in the future', { iat, now }) : undefined; // item 6
}

function isIdentified({ jti }: JWTPayload, mayBeMissing: boolean): boolean {
  if (jti === undefined) return mayBeMissing;
  return typeof jti === 'string' && jti !== '' && jti.length <= MAX_JTI_LENGTH;
}

/** Why an assertion is not accepted, for the operator; undefined if it is accepted. */
export function faultOfAssertion(
  { typ = 'JWT' }: ProtectedHeaderParameters,
  claims: JWTPayload,
  rules: AssertionRules,
  now: number,
): Reason | undefined {
  const { aud, jti } = claims;
  const { types, audiences } = rules;
  if (typeof typ !== 'string' || !types.has(jwtType(typ)))
    return new Reason('typ is of another kind of JWT', { came: typ, wanted: [...types] });
  if (!isForUs(aud, audiences))
    return new Reason('aud is not the issuer identifier alone', { came: aud, wanted: [...audiences] });
  if (!isIdentified(claims, rules.mayBeReused === true)) return new Reason('jti is missing, or too long', { jti }); // item 7
  return faultOfTimes(claims, rules, now);
}
