/** Checks the claims of a request object. @see RFC 9101 §4, §6.3 */
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import { CLOCK_SKEW } from '../../clock.js';
import { isForUs, isNamed, type TimeRules, untimely, wrongType } from '../../signed-request/claims.js';

/** Seconds for which an answered object with `jti` and without `exp` is remembered, and the most seconds that `exp` may be in the future. */
export const REMEMBERED = 24 * 60 * 60;

/** The values that objects are compared with. */
export interface ObjectRules extends TimeRules {
  readonly clientID: string;
  readonly issuer: string;
  readonly requireTyp: boolean;
}

/**
 * What is wrong with the `exp` of an object with `jti`. Such an object is remembered until `exp`, which the client chooses: without a limit, a client could
 * fill the store for ever.
 */
function unforgettable({ jti, exp = 0 }: JWTPayload, { now, maxLifetime = REMEMBERED }: TimeRules): string | undefined {
  const end = now + Math.max(maxLifetime, REMEMBERED) + CLOCK_SKEW;
  return jti !== undefined && exp > end ? 'exp is further ahead than an object with jti is remembered' : undefined;
}

/** What is wrong with an object whose signature is valid; undefined if nothing is. */
export function faultOf(
  { typ }: ProtectedHeaderParameters,
  claims: JWTPayload,
  rules: ObjectRules,
): string | undefined {
  const type = wrongType(typ, rules.requireTyp);
  if (type !== undefined) return type;
  // §4: request and request_uri MUST NOT be included
  if ('request' in claims || 'request_uri' in claims) return 'request or request_uri is in it';
  if (claims['client_id'] !== rules.clientID) return 'client_id is not that of the request'; // §6.3: MUST be identical
  if (claims.iss !== rules.clientID) return 'iss is not the client';
  if (!isForUs(claims.aud, rules.issuer)) return 'aud is not this issuer'; // §4
  if (claims.jti !== undefined && !isNamed(claims.jti)) return 'jti is no text, or too long';
  return untimely(claims, rules) ?? unforgettable(claims, rules);
}
