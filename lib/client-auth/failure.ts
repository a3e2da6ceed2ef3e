import { TokenError } from '../errors/token-error.js';

/**
 * What a client is told whose authentication failed: always the same, whatever it was.
 *
 * @param reason for the operator
 * @see RFC 6749 §5.2
 */
export function authenticationFailed(reason: string): TokenError {
  return new TokenError('Client authentication failed', 'invalid_client', undefined, 401, { cause: new Error(reason) });
}
