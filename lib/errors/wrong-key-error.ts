import type { OAuth2ErrorOptions } from './oauth2-error.js';
import { TokenError } from './token-error.js';

/**
 * The request presents a code, and shows a secret or a key that is not the one that the code is bound to. That is what somebody does who has stolen
 * the code and guesses: the code is spent, so that there is no second guess. An extension's `check` throws it where it compares a secret or a key.
 * What a client can correct, such as a missing parameter or another redirect URI, is a plain TokenError, and costs nothing.
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
