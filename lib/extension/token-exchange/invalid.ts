/** The errors of token exchange. @see RFC 8693 §2.2.2 */
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { type ReasonValues, reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';

declare module '../../errors/codes.js' {
  interface TokenErrorCodes {
    invalid_target: 400;
  }
}

/** §2.2.2: a token that is not valid, or is not acceptable by policy, is an invalid request. @param why for the operator */
export function unacceptable(message: string, why: string, values?: ReasonValues): TokenError {
  return reasoned(new TokenError(message, 'invalid_request'), why, values);
}

/** §2.2.2: the error for a target that no token is issued for. */
export function invalidTarget(why: string, values?: ReasonValues): OAuth2Error {
  const error = new OAuth2Error('The token cannot be for this target', 'invalid_target', undefined, 400);
  return reasoned(error, why, values);
}

/** The error for a `requested_token_type` that the client cannot have. @see RFC 8693 §2.2.2 */
export function unsupported(type: string, why: string): TokenError {
  return unacceptable('Unsupported requested_token_type', why, { type });
}
