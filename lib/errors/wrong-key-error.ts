import type { OAuth2ErrorOptions } from './oauth2-error.js';
import { TokenError } from './token-error.js';

/**
 * The secret or key in the request is not the one that the code is bound to. Someone who has stolen the code and guesses sends such requests, so the
 * code is spent: there is no second guess. An extension throws this in `check`, where it compares a secret or a key. For an error that a client can
 * correct, such as a missing parameter or another redirect URI, throw a plain TokenError: it leaves the code usable.
 *
 * @example throw new WrongKeyError('The code is bound to another key')
 * @see RFC 7636 §4.6, RFC 9449 §10
 */
export class WrongKeyError extends TokenError {
  override name = 'WrongKeyError';

  constructor(message: string, options?: OAuth2ErrorOptions) {
    super(message, 'invalid_grant', undefined, undefined, options);
  }
}
