import { OAuth2Error, type OAuth2ErrorOptions } from './oauth2-error.js';

/**
 * This browser, or this user, may not answer the transaction: it is unknown, expired, answered before, or belongs to somebody else.
 *
 * @example if (error instanceof ForbiddenError) ctx.body = views.error('This page is out of date: go back to the application, and start again')
 */
export class ForbiddenError extends OAuth2Error {
  override name = 'ForbiddenError';

  constructor(message?: string, options?: OAuth2ErrorOptions) {
    super(message, 'access_denied', undefined, 403, options);
  }
}
