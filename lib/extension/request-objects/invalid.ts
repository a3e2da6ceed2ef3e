/** The errors about request objects. @see RFC 9101 §7 */
import { AuthorizationError } from '../../errors/authorization-error.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { type ReasonValues, reasoned } from '../../errors/reason.js';

declare module '../../errors/codes.js' {
  interface AuthorizationErrorCodes {
    invalid_request_object: 400;
    invalid_request_uri: 400;
    request_not_supported: 400;
    request_uri_not_supported: 400;
  }
}

/** @param why what is wrong, for the client's developer */
export function invalidObject(why: string, values?: ReasonValues): AuthorizationError {
  return reasoned(new AuthorizationError(`Invalid request object: ${why}`, 'invalid_request_object'), why, values);
}

/** @param why for the operator only: an attacker who tries URLs must not learn whether they exist */
export function invalidURI(why: string, values?: ReasonValues): AuthorizationError {
  return reasoned(
    new AuthorizationError('The request_uri gives no request object', 'invalid_request_uri'),
    why,
    values,
  );
}

/** A bound of the fetches is reached, which says nothing about the object. @param why for the operator */
export function unavailable(why: string, { href }: URL, wait: number): OAuth2Error {
  const error = new OAuth2Error('The request_uri cannot be fetched now', 'temporarily_unavailable', undefined, 503, {
    headers: { 'Retry-After': String(wait) },
  });
  return reasoned(error, why, { came: href });
}
