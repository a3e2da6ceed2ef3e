/** Errors of authorization requests that programs send to an endpoint, without a browser. */
import { OAuth2Error } from './oauth2-error.js';
import { TokenError } from './token-error.js';

/** RFC 9126 §2.3, RFC 6749 §5.2: the status is 400, also for an error that the authorization endpoint would show to a user with 403. */
export function forProgram(error: unknown): unknown {
  if (!(error instanceof OAuth2Error) || error.status !== 403) return error;
  const { message, code, uri, cause, headers, members } = error;
  return new TokenError(message, code, uri, 400, { cause, headers, members });
}
