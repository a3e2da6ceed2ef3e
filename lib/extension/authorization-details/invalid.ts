import { OAuth2Error } from '../../errors/oauth2-error.js';
import { type ReasonValues, reasoned } from '../../errors/reason.js';

/**
 * The error for details that are refused, at both endpoints. RFC 9396 §5, §8.
 *
 * @param message for the client: it repeats nothing that the client has sent
 * @param why for the operator
 */
export function invalidDetails(message: string, why: string, values?: ReasonValues): OAuth2Error {
  return reasoned(new OAuth2Error(message, 'invalid_authorization_details', undefined, 400), why, values);
}
