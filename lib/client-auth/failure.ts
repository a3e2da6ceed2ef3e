import { Reason } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';

/**
 * The secret is the client's, and came by another method than the client registered: no wrong guess. For the operator and the throttle; the client
 * is told what it is always told, or a stranger could try secrets here.
 */
export class OtherMethodError extends Reason {
  override name = 'OtherMethodError';
}

/**
 * What a client is told whose authentication failed: always the same, whatever it was.
 *
 * @param reason for the operator
 * @see RFC 6749 §5.2
 */
export function authenticationFailed(reason: string | Error): TokenError {
  const cause = typeof reason === 'string' ? new Reason(reason) : reason;
  return new TokenError('Client authentication failed', 'invalid_client', undefined, 401, { cause });
}
