import { ForbiddenError } from './forbidden-error.js';

/**
 * A dialog that was answered already, told to the person who answered it: for a page that says what happened, with the way back to
 * the client. Nothing is allowed or denied by the request that met it.
 *
 * @example if (error instanceof AnsweredError) ctx.body = error.allowed ? views.allowed(error.client) : views.denied(error.client)
 */
export class AnsweredError extends ForbiddenError {
  override name = 'AnsweredError';
  /** What the answer was. */
  readonly allowed: boolean;
  /** Who was told: the application's client, as `deserializeClient` gives it. */
  readonly client: unknown;
  /** Where the answer was sent. A page links to the client's own site, or to this URI's origin: the URI itself needs the answer. */
  readonly redirectURI: string;

  constructor(allowed: boolean, client: unknown, redirectURI: string) {
    super(
      `This dialog was answered already: access was ${allowed ? 'allowed' : 'denied'}, and the application was told`,
    );
    this.allowed = allowed;
    this.client = client;
    this.redirectURI = redirectURI;
  }
}
