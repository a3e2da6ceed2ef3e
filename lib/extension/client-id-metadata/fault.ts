/** Why a document, or a client, is refused. */
import { AuthorizationError } from '../../errors/authorization-error.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { reasoned } from '../../errors/reason.js';

/** The document cannot be had now. Whoever asks again may get it: nobody is told that the client is none. */
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

/** There is no such client: shown to the user, who is sent nowhere. @see RFC 6749 §3.1.2.4 */
export function refused(message: string, why: string, clientID: string): AuthorizationError {
  const error = new AuthorizationError(message, 'unauthorized_client');
  return reasoned(error, why, { client: clientID });
}
