import { OAuth2Error } from '../../errors/oauth2-error.js';
import { type ReasonValues, reasoned } from '../../errors/reason.js';

/**
 * The error for details that either endpoint refuses. RFC 9396 §5, §8.
 *
 * @param message for the client. It must not repeat what the client has sent
 * @param why for the operator
 */
export function invalidDetails(message: string, why: string, values?: ReasonValues): OAuth2Error {
  return reasoned(new OAuth2Error(message, 'invalid_authorization_details', undefined, 400), why, values);
}
