import { OAuth2Error } from './oauth2-error.js';
import { TokenError } from './token-error.js';

/** Errors of Koa's and passport's make: a status, and whether the message may be shown to whoever sent the request. */
interface HTTPError extends Error {
  readonly status?: unknown;
  readonly expose?: unknown;
}

/** Whatever was thrown, as an error. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(typeof thrown === 'string' ? thrown : 'Something other than an error was thrown', { cause: thrown });
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

/** An error as whoever sent the request may know it: with the message of one that Koa would show. */
export function toShownError(error: HTTPError): OAuth2Error {
  const known = toOAuth2Error(error);
  if (known === error || known.message || !error.expose || known.status >= 500) return known;
  return new OAuth2Error(error.message, known.code, undefined, known.status, { cause: error });
}
