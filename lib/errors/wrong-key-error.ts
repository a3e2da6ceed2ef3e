import type { OAuth2ErrorOptions } from './oauth2-error.js';
import { TokenError } from './token-error.js';

/**
 * The request presents a code, and shows a `code_verifier` or key that is not the one that the code is bound to. That is what somebody does who has
 * stolen the code and guesses: the code is spent, so that there is no second guess. An extension's `check` throws it where it compares a secret or a
 * key; what a client can correct (a missing parameter, another redirect URI) is a plain TokenError, and costs nothing.
 *
 * @example throw new WrongKeyError('code_verifier does not match the code_challenge')
 * @see RFC 7636 §4.6, RFC 9449 §10
 */
export class WrongKeyError extends TokenError {
  override name = 'WrongKeyError';

  constructor(message: string, options?: OAuth2ErrorOptions) {
    super(message, 'invalid_grant', undefined, undefined, options);
  }
}
