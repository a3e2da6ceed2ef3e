/**
 * The authorization server cannot be reached, or gives a response that cannot be read. It is not known whether the token is valid: the request is not let in,
 * and the client is not told that its token is not valid.
 *
 * @example throw new VerifierUnavailableError('The authorization server does not answer', { cause: error })
 * @see RFC 9110 §15.6.4
 */
export class VerifierUnavailableError extends Error {
  override name = 'VerifierUnavailableError';
  /** The status that Koa and `errorHandler()` answer with. */
  readonly status = 503;
  /** Seconds after which to try again. */
  readonly retryAfter = 5;
  /** Koa itself sends these headers if there is no `errorHandler()`. */
  readonly headers = { 'Retry-After': String(this.retryAfter) };
}
