import { OAuth2Error } from './oauth2-error.js';
import { TokenError } from './token-error.js';

/** The shape of errors of Koa and passport: a status, and whether the message may be shown to the sender of the request. */
interface HTTPError extends Error {
  readonly status?: unknown;
  readonly expose?: unknown;
}

/** Turns any thrown value into an Error. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(typeof thrown === 'string' ? thrown : 'Something other than an error was thrown', { cause: thrown });
}

/** Turns an error into one that may be sent to the client. The message of a foreign error is left out: it may contain internals. */
export function toOAuth2Error(error: HTTPError): OAuth2Error {
  if (error instanceof OAuth2Error) return error;
  const { name, status } = error;
  const options = { cause: error };
  if (typeof status === 'number' && status >= 400 && status < 500) {
    // RFC 6749 §5.2: passport throws this with the option failWithError
    if (name === 'AuthenticationError' && status === 401) {
      return new TokenError('Client authentication failed', 'invalid_client', undefined, 401, options);
    }
    return new OAuth2Error(undefined, 'invalid_request', undefined, status, options);
  }
  return status === 503
    ? new OAuth2Error(undefined, 'temporarily_unavailable', undefined, 503, options)
    : new OAuth2Error(undefined, 'server_error', undefined, 500, options);
}

/** The same, but the message is kept if the error allows it to be shown (`expose`, of Koa and http-errors). */
export function toShownError(error: HTTPError): OAuth2Error {
  const known = toOAuth2Error(error);
  if (known === error || known.message || !error.expose || known.status >= 500) return known;
  return new OAuth2Error(error.message, known.code, undefined, known.status, { cause: error });
}

/** Whether the same request may succeed a moment later: 503. */
export function isTemporary(thrown: unknown): boolean {
  return toOAuth2Error(toError(thrown)).status === 503;
}
