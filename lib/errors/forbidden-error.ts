import { OAuth2Error, type OAuth2ErrorOptions } from './oauth2-error.js';

/** A transaction that this browser, or this user, may not answer: unknown, expired, answered before, or another's. */
export class ForbiddenError extends OAuth2Error {
  override name = 'ForbiddenError';

  constructor(message?: string, options?: OAuth2ErrorOptions) {
    super(message, 'access_denied', undefined, 403, options);
  }
}
