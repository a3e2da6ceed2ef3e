import { Reason } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';

/**
 * The secret is right, but was sent by another method than the client registered, so it was not a guess. Only the operator and the throttle learn of this.
 * The client gets the same answer as for a wrong secret: otherwise anyone could test secrets by the other method.
 */
export class OtherMethodError extends Reason {
  override name = 'OtherMethodError';
}

/**
 * The error for a client whose authentication failed. It is the same for every cause, so that it tells an attacker nothing.
 *
 * @param reason for the operator
 * @see RFC 6749 §5.2
 */
export function authenticationFailed(reason: string | Error): TokenError {
  const cause = typeof reason === 'string' ? new Reason(reason) : reason;
  return new TokenError('Client authentication failed', 'invalid_client', undefined, 401, { cause });
}
