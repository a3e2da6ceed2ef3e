/** RFC 9470: OAuth 2.0 Step Up Authentication Challenge Protocol, the API's side. */
import type { Middleware } from 'koa';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { type Accepted, acceptedOf } from '../../resource-server/accepted.js';
import { challenge } from '../../resource-server/challenge.js';
import { requireWords } from '../../resource-server/scope.js';

export interface AuthenticationRequirement {
  /** How the user must have logged in: any of these, the most wanted first. */
  readonly acr?: string | readonly string[];
  /** Seconds that may have gone since. */
  readonly maxAge?: number;
}

/** Seconds by which the authorization server's clock may be ahead. */
const SKEW = 300;

/** Whether it is no longer ago. What has not come yet has not been. */
function isRecent(authenticatedAt: number | undefined, maxAge: number, now: number): boolean {
  const age = authenticatedAt === undefined ? Number.NaN : now - authenticatedAt;
  return age >= -SKEW && age <= maxAge;
}

/** @throws TypeError */
function requireSensible(acr: readonly string[], maxAge: number | undefined): void {
  requireWords(acr, 'requireAuthentication({ acr })');
  if (maxAge === undefined && acr.length === 0) throw new TypeError('requireAuthentication needs an acr or a maxAge');
  if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && maxAge >= 0))
    throw new TypeError(`maxAge is a whole number of seconds, not ${maxAge}`);
}

/**
 * Lets only tokens through whose user logged in well enough, and not too long ago. Others are 401 `insufficient_user_authentication`,
 * which tells the client what to ask the authorization server for. A token that does not say how or when, or that is a client's own,
 * is not enough.
 *
 * @throws TypeError when nothing is required, or nothing that can be said
 * @throws Error at the request, when `bearer` did not run before
 * @example router.post('/transfer', bearer({ verify }), requireAuthentication({ acr: 'mfa', maxAge: 300 }), transfer)
 * @see RFC 9470 §3
 */
export function requireAuthentication({ acr = [], maxAge }: AuthenticationRequirement): Middleware {
  const values = [acr].flat();
  requireSensible(values, maxAge);
  const isEnough = ({ token, now }: Accepted): boolean => {
    const { subject, acr, authenticatedAt } = token;
    if (subject === undefined) return false;
    if (values.length > 0 && (acr === undefined || !values.includes(acr))) return false;
    return maxAge === undefined || isRecent(authenticatedAt, maxAge, now());
  };
  return async function requireAuthentication(ctx, next) {
    const accepted = acceptedOf(ctx, 'requireAuthentication');
    if (isEnough(accepted)) return next();
    challenge(
      ctx,
      accepted.params,
      new OAuth2Error('Another login is needed', 'insufficient_user_authentication', undefined, 401),
      { acr_values: values.join(' '), max_age: maxAge?.toString() },
    );
  };
}
