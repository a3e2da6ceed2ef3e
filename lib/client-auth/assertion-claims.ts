/** What a client's assertion must say: RFC 7523 §3, RFC 10070 §4, OpenID Connect Core 1.0 §9. */
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import { authenticationFailed } from './failure.js';

/** What assertions are compared with. */
export interface ClaimRules {
  /** What `aud` may be: the issuer identifier, and whatever else the application allows. */
  readonly audiences: ReadonlySet<string>;
  /** In seconds. */
  readonly maxLifetime: number;
  /** In seconds. */
  readonly skew: number;
}

/** What is needed to accept an assertion only once. */
export interface AcceptableAssertion {
  readonly jti: string;
  /** Epoch seconds until which it must not be forgotten. */
  readonly expiresAt: number;
}

/** RFC 8725 §3.11, RFC 10070 §4: what `typ` may say; JWTs of other kinds are signed with the same keys. */
const TYPE = /^(?:application\/)?(?:jwt|client-authentication\+jwt)$/i;

/** Characters. */
const LONGEST_JTI = 512;

/** RFC 10070 §4: the issuer identifier and nothing else, so that no other server can have made the client say it. */
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

/** What is wrong with its times, if anything is. */
function untimely({ exp, nbf = 0, iat = 0 }: JWTPayload, { maxLifetime, skew }: ClaimRules, now: number) {
  if (![exp, nbf, iat].every(isTime)) return 'exp, nbf or iat is no time';
  if (!(Number(exp) + skew > now)) return 'exp has passed'; // RFC 7523 §3 item 4
  if (Number(exp) > now + maxLifetime + skew) return 'exp is too far off'; // item 4: MAY be refused
  if (nbf > now + skew) return 'nbf is to come'; // item 5
  return iat > now + skew ? 'iat is to come' : undefined; // item 6
}

function wrong(header: ProtectedHeaderParameters, claims: JWTPayload, rules: ClaimRules, now: number) {
  const { typ = 'JWT', crit } = header;
  const { iss, sub, aud, jti } = claims;
  if (typeof typ !== 'string' || !TYPE.test(typ)) return 'typ is of another kind of JWT';
  if (crit !== undefined) return 'crit names what is not understood'; // RFC 7515 §4.1.11
  if (iss !== sub) return 'iss is not sub'; // RFC 7523 §3 items 1 and 2
  if (!isForUs(aud, rules.audiences)) return 'aud is not the issuer identifier alone'; // item 3, RFC 10070 §4
  const isIdentified = typeof jti === 'string' && jti !== '' && jti.length <= LONGEST_JTI;
  if (!isIdentified) return 'jti is missing, or too long'; // OpenID Connect Core 1.0 §9: REQUIRED
  return untimely(claims, rules, now);
}

/** @throws TokenError `invalid_client`, with what is wrong for the operator */
export function requireAcceptable(
  header: ProtectedHeaderParameters,
  claims: JWTPayload,
  rules: ClaimRules,
  now: number,
): AcceptableAssertion {
  const reason = wrong(header, claims, rules, now);
  if (reason !== undefined) throw authenticationFailed(`client_assertion: ${reason}`);
  const { jti = '', exp = 0 } = claims;
  return { jti, expiresAt: Math.ceil(exp + rules.skew) };
}
