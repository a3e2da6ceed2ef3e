import { type AuthorizationErrorCodes, type CodeOf, statusOf } from './codes.js';
import { OAuth2Error, type OAuth2ErrorOptions } from './oauth2-error.js';

const statuses: ReadonlyMap<string, number> = new Map([
  ['unauthorized_client', 403],
  ['access_denied', 403],
]);

/**
 * An error of the authorization endpoint. It is redirected to the client if the redirect URI has been validated, and shown to the
 * resource owner otherwise.
 *
 * @example throw new AuthorizationError('Unknown scope: admin', 'invalid_scope')
 * @see RFC 6749 §4.1.2.1
 */
export class AuthorizationError extends OAuth2Error {
  override name = 'AuthorizationError';

  constructor(
    message?: string,
    code: CodeOf<AuthorizationErrorCodes> = 'server_error',
    uri?: string,
    status?: number,
    options?: OAuth2ErrorOptions,
  ) {
    super(message, code, uri, status ?? statusOf(code, statuses), options);
  }
}
