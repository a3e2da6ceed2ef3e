/**
 * The authorization server cannot be asked about tokens, or does not answer as it should: whether a token counts is not known. Nobody
 * is let in, and nobody is told that their token is bad.
 */
export class VerifierUnavailableError extends Error {
  override name = 'VerifierUnavailableError';
  /** Koa's and the toolkit's word for it: 503. */
  readonly status = 503;
  /** Seconds after which to try again. */
  readonly retryAfter = 5;
  /** What Koa sends along where no `errorHandler()` of ours does. */
  readonly headers = { 'Retry-After': String(this.retryAfter) };
}
