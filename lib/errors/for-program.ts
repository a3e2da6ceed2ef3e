/** Errors of authorization requests that come in where programs ask. */
import { OAuth2Error } from './oauth2-error.js';
import { TokenError } from './token-error.js';

/** RFC 9126 §2.3, RFC 6749 §5.2: 400, also for what the authorization endpoint would show to a user with 403. */
export function forProgram(error: unknown): unknown {
  if (!(error instanceof OAuth2Error) || error.status !== 403) return error;
  const { message, code, uri, cause, headers, members } = error;
  return new TokenError(message, code, uri, 400, { cause, headers, members });
}
