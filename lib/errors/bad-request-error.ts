import { OAuth2Error } from './oauth2-error.js';

/**
 * A request that cannot be processed, where the RFC defines no error response: for example a decision without a transaction.
 *
 * @example throw new BadRequestError('The request must be a POST', 405)
 */
export class BadRequestError extends OAuth2Error {
  override name = 'BadRequestError';

  constructor(message?: string, status = 400) {
    super(message, 'invalid_request', undefined, status);
  }
}
