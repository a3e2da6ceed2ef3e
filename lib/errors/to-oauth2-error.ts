import { OAuth2Error } from './oauth2-error.js';
import { TokenError } from './token-error.js';

/** Errors of Koa's and passport's make have a status. */
interface HTTPError extends Error {
  readonly status?: unknown;
}

/** Whatever was thrown, as an error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('Something other than an error was thrown', { cause: thrown });
}

/** An error as a client may know it: nothing of what is not the protocol's is described. */
export function toOAuth2Error(error: HTTPError): OAuth2Error {
  if (error instanceof OAuth2Error) return error;
  const { name, status } = error;
  const options = { cause: error };
  if (typeof status === 'number' && status >= 400 && status < 500) {
    // passport with failWithError. RFC 6749 §5.2
    if (name === 'AuthenticationError' && status === 401) {
      return new TokenError('Client authentication failed', 'invalid_client', undefined, 401, options);
    }
    return new OAuth2Error(undefined, 'invalid_request', undefined, status, options);
  }
  return status === 503
    ? new OAuth2Error(undefined, 'temporarily_unavailable', undefined, 503, options)
    : new OAuth2Error(undefined, 'server_error', undefined, 500, options);
}
