/** The claims that a client's assertion must have: RFC 7523 §3, RFC 10070 §4, OpenID Connect Core 1.0 §9. */
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import { type AssertionRules, faultOfAssertion } from '../assertion/claims.js';
import { Reason } from '../errors/reason.js';
import { jwtType } from '../syntax/jwt-type.js';
import { authenticationFailed } from './failure.js';

/** What the server remembers of an assertion, so that it accepts it only once. */
export interface AcceptableAssertion {
  readonly jti: string;
  /** Epoch seconds until which the `jti` must be remembered. */
  readonly expiresAt: number;
}

/** The `typ` by which a client tells that it implements RFC 10070. */
const TYPED = 'client-authentication+jwt';

/** The values that `typ` may have. @see RFC 10070 §4 */
export const ASSERTION_TYPES: ReadonlySet<string> = new Set(['jwt', TYPED]);

/** The rules for a client that may use further audiences. RFC 10070 §4: the only audience of an assertion with the type above is the issuer. */
export function rulesWith(
  { typ }: ProtectedHeaderParameters,
  rules: AssertionRules,
  further: readonly string[],
): AssertionRules {
  if (further.length === 0 || (typeof typ === 'string' && jwtType(typ) === TYPED)) return rules;
  return { ...rules, audiences: new Set([...rules.audiences, ...further]) };
}

/** @throws TokenError `invalid_client`, whose `cause` tells the operator what is wrong */
export function requireAcceptable(
  header: ProtectedHeaderParameters,
  claims: JWTPayload,
  rules: AssertionRules,
  now: number,
): AcceptableAssertion {
  const { iss, sub, jti = '', exp = 0 } = claims;
  // RFC 7523 §3 items 1 and 2
  const fault = iss === sub ? faultOfAssertion(header, claims, rules, now) : new Reason('iss is not sub', { iss, sub });
  if (fault) throw authenticationFailed(new Reason(`client_assertion: ${fault.what}`, fault.values));
  return { jti, expiresAt: Math.ceil(exp + rules.skew) };
}
