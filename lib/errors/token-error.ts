import { type CodeOf, statusOf, type TokenErrorCodes } from './codes.js';
import { OAuth2Error, type OAuth2ErrorOptions } from './oauth2-error.js';

const statuses: ReadonlyMap<string, number> = new Map([['invalid_client', 401]]);

/**
 * An error of the token endpoint, sent as JSON. Choose the code with care: after `invalid_client` many clients discard their
 * registration, after `invalid_grant` only their tokens.
 *
 * @example throw new TokenError('Invalid authorization code', 'invalid_grant')
 * @see RFC 6749 §5.2
 */
export class TokenError extends OAuth2Error {
  override name = 'TokenError';

  constructor(
    message?: string,
    code: CodeOf<TokenErrorCodes> = 'server_error',
    uri?: string,
    status?: number,
    options?: OAuth2ErrorOptions,
  ) {
    super(message, code, uri, status ?? statusOf(code, statuses), options);
  }
}
