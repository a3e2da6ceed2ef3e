/** The errors for documents and clients that are refused. */
import { AuthorizationError } from '../../errors/authorization-error.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { reasoned } from '../../errors/reason.js';

/** The document cannot be fetched now, and may be later: the error must not say that the client does not exist. */
export function unavailable(why: string, clientID: string, retryAfter = 5): OAuth2Error {
  const error = new OAuth2Error(
    'The document of this client cannot be fetched now',
    'temporarily_unavailable',
    undefined,
    503,
    {
      headers: { 'Retry-After': String(retryAfter) },
    },
  );
  return reasoned(error, why, { client: clientID });
}

/** There is no such client. The user sees this error, and is not redirected. @see RFC 6749 §3.1.2.4 */
export function refused(message: string, why: string, clientID: string): AuthorizationError {
  const error = new AuthorizationError(message, 'unauthorized_client');
  return reasoned(error, why, { client: clientID });
}
