import { OAuth2Error } from './oauth2-error.js';

/** A request that cannot be understood, outside the codes of the RFC: a decision without a transaction, say. */
export class BadRequestError extends OAuth2Error {
  override name = 'BadRequestError';

  constructor(message?: string, status = 400) {
    super(message, 'invalid_request', undefined, status);
  }
}
