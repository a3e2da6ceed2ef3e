/** RFC 9470: OAuth 2.0 Step Up Authentication Challenge Protocol, the API's side. */
import type { Middleware } from 'koa';
import { CLOCK_SKEW } from '../../clock.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { reasoned } from '../../errors/reason.js';
import { named } from '../../http/named.js';
import { CENTURY, requireCount, requireKnown } from '../../options.js';
import { type Admission, admissionOf } from '../../resource-server/admission.js';
import { requireWords } from '../../resource-server/scope.js';
import { STEP_UP_RULES } from './refusals.js';

/** How, and how recently, the user must have logged in: the argument of `requireAuthentication()`. */
export interface AuthenticationRequirement {
  /** The accepted `acr` values of the login, the preferred one first. */
  readonly acr?: string | readonly string[];
  /** The most seconds that may have passed since the login: 5 or more, since a token is issued some seconds after the login. */
  readonly maxAge?: number;
}

/** The least `maxAge`, in seconds. A decision, a redirect and a token request follow the login before the API is called, and the clocks may differ. */
const SHORTEST_AGE = 5;

/** Whether a login is recent enough. A time in the future, by more than clocks may differ, is wrong, and does not count. */
function isRecent(authenticatedAt: number | undefined, maxAge: number, now: number): boolean {
  const age = authenticatedAt === undefined ? Number.NaN : now - authenticatedAt;
  return age >= -CLOCK_SKEW && age <= maxAge;
}

/** @throws TypeError */
function requireSensible(acr: readonly string[], maxAge: number | undefined): void {
  requireWords(acr, 'requireAuthentication({ acr })');
  if (maxAge === undefined && acr.length === 0) throw new TypeError('requireAuthentication needs an acr or a maxAge');
  if (maxAge !== undefined) requireCount('requireAuthentication({ maxAge })', maxAge, 0, CENTURY);
  if (maxAge !== undefined && maxAge < SHORTEST_AGE)
    throw new TypeError(
      `maxAge: from the login to the request of the client more than ${maxAge} seconds pass, so that no login would be enough. Take ${SHORTEST_AGE} or more`,
    );
}

function anotherLogin({ token, now }: Admission, wanted: readonly string[], maxAge: number | undefined): OAuth2Error {
  const { clientID: client, subject, acr, authenticatedAt } = token;
  const login = { client, hasUser: subject !== undefined, acr, authenticatedAt };
  const error = new OAuth2Error('Another login is needed', 'insufficient_user_authentication', undefined, 401);
  const values = { ...login, acr_values: wanted, max_age: maxAge, now: now() };
  return reasoned(error, 'The login of the token is not enough', values);
}

/**
 * Accepts only tokens whose user logged in strongly and recently enough. All others get 401 `insufficient_user_authentication`, which tells the client what to
 * ask the authorization server for. A token that lacks the required `acr` or login time, and a token without a user, are refused.
 *
 * @throws TypeError without a requirement, and for an invalid one
 * @throws Error at a request, if `bearer` did not run before
 * @example router.post('/transfer', bearer({ verify }), requireAuthentication({ acr: 'mfa', maxAge: 300 }), page)
 * @see RFC 9470 §3
 */
export function requireAuthentication(requirement: AuthenticationRequirement): Middleware {
  requireKnown<AuthenticationRequirement>(requirement, { acr: true, maxAge: true }, 'requireAuthentication');
  const { acr = [], maxAge } = requirement;
  const values = [acr].flat();
  requireSensible(values, maxAge);
  const isEnough = ({ token, now }: Admission): boolean => {
    const { subject, acr, authenticatedAt } = token;
    if (subject === undefined) return false;
    if (values.length > 0 && (acr === undefined || !values.includes(acr))) return false;
    return maxAge === undefined || isRecent(authenticatedAt, maxAge, now());
  };
  return named('requireAuthentication', async (ctx, next) => {
    const admission = admissionOf(ctx, 'requireAuthentication');
    if (isEnough(admission)) return next();
    admission.refuse(
      anotherLogin(admission, values, maxAge),
      { acr_values: values.join(' '), max_age: maxAge?.toString() }, // RFC 9470 §3
      STEP_UP_RULES,
    );
  });
}
