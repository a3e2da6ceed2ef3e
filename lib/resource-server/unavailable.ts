/**
 * The authorization server cannot be asked about a token, or gives an answer that cannot be understood. Whether the token is valid is not known:
 * nobody is let in, and nobody is told that their token is not valid.
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
  /** Koa itself sends these, where there is no `errorHandler()`. */
  readonly headers = { 'Retry-After': String(this.retryAfter) };
}
