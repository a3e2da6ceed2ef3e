/** The errors of a registration. @see RFC 7591 §3.2.2 */
import type { RegistrationErrorCodes } from '../errors/codes.js';
import { OAuth2Error } from '../errors/oauth2-error.js';
import { type ReasonValues, reasoned } from '../errors/reason.js';

function invalid(code: keyof RegistrationErrorCodes, message: string, values: ReasonValues | undefined): OAuth2Error {
  const error = new OAuth2Error(message, code, undefined, 400);
  return values ? reasoned(error, 'The registration is refused', values) : error;
}

/** @param message for the client's developer. @param values for the operator: what was sent, and what would have been accepted */
export function invalidMetadata(message: string, values?: ReasonValues): OAuth2Error {
  return invalid('invalid_client_metadata', message, values);
}

/** The same for a redirect URI. */
export function invalidRedirectURI(message: string, values?: ReasonValues): OAuth2Error {
  return invalid('invalid_redirect_uri', message, values);
}
