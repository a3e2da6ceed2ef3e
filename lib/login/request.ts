/**
 * Reads what a client requires of the login. RFC 9470 and OpenID Connect have the same parameters, and both extensions read them here, so that both add
 * the same members to a request.
 *
 * @see RFC 9470 §4, OpenID Connect Core §3.1.2.1
 */
import './members.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import { type ReasonValues, reasoned } from '../errors/reason.js';
import type { AuthorizationRequest, Params } from '../types.js';

/** @throws AuthorizationError `invalid_request` */
export function readMaxAge(params: Params): Pick<AuthorizationRequest, 'maxAge'> {
  const text = params.get('max_age');
  if (text === undefined) return {};
  const maxAge = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(maxAge))
    throw reasoned(
      new AuthorizationError('max_age must be a whole number of seconds', 'invalid_request'),
      'max_age is not a whole number',
      { came: text },
    );
  return { maxAge };
}

export function readACRValues(params: Params): Pick<AuthorizationRequest, 'acrValues'> {
  const acrValues = params.get('acr_values')?.split(' ').filter(Boolean) ?? [];
  return acrValues.length > 0 ? { acrValues } : {};
}

/**
 * The error for a login that cannot meet the client's requirements.
 *
 * @param values for the operator
 * @see RFC 9470 §5, OpenID Connect Core Error Code unmet_authentication_requirements §1
 */
export function unmet(message: string, why: string, values: ReasonValues): AuthorizationError {
  return reasoned(new AuthorizationError(message, 'unmet_authentication_requirements'), why, values);
}
