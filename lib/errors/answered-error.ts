import { ForbiddenError } from './forbidden-error.js';

/**
 * A decision arrived for a dialog that was answered before. The person who answered it is told what the answer was, so that the
 * application can show a page with a link back to the client. The repeated request itself allows or denies nothing.
 *
 * @example if (error instanceof AnsweredError) ctx.body = error.allowed ? views.allowed(error.client) : views.denied(error.client)
 */
export class AnsweredError extends ForbiddenError {
  override name = 'AnsweredError';
  /** Whether the answer was to allow access. */
  readonly allowed: boolean;
  /** The client that received the answer, as `deserializeClient` gives it. */
  readonly client: unknown;
  /** Where the answer was sent. Link to the client's own site or to this URI's origin: the URI works only with the answer's parameters. */
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
