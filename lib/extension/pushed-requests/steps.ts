/** Resolves request URIs at the authorization endpoint. @see RFC 9126 §4 */
import { unableToLoad } from '../../authorization/take.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { type ReasonValues, reasoned } from '../../errors/reason.js';
import type { AuthorizationSteps, JudgedRequest } from '../../steps.js';
import { isPush } from './endpoint.js';
import { PREFIX, type PushedRequests } from './kept.js';

/** If the login comes before the authorization endpoint, users who need longer for it than the lifetime of the request URI end here. */
const TOO_LATE =
  'The browser came after the lifetime of pushedRequests(). If it came from the login: that has to follow server.authorization(), and come back by server.resume()';

/** The same error for an unknown URI, an answered or expired one, and one of another client: an attacker who tries URIs must not learn which exist. */
function invalidURI(why: string, values?: ReasonValues): AuthorizationError {
  return reasoned(new AuthorizationError('The request_uri is not valid', 'invalid_request_uri'), why, values);
}

/** The request of a URI. @throws AuthorizationError */
async function open<C, U>(
  pushed: PushedRequests<C, U>,
  uri: string,
  clientID: string | undefined,
): Promise<JudgedRequest> {
  if (clientID === undefined) throw new AuthorizationError('Missing required parameter: client_id', 'invalid_request'); // §4
  const opened = await pushed.open(uri);
  if (!opened) throw invalidURI('It is unknown, was answered, or is much too old');
  const { request, late } = opened;
  if (request.clientID !== clientID)
    throw invalidURI('It is of another client', { came: clientID, pushed_by: request.clientID }); // §2.2: bound to the client
  if (late >= 0) throw invalidURI(TOO_LATE, { client: clientID, seconds_late: late }); // §4: MUST reject expired ones
  return { judged: request };
}

/** @param isRequired whether a client must push its requests */
export function stepsOf<C, U>(
  pushed: PushedRequests<C, U>,
  isRequired: (client: C) => boolean,
): AuthorizationSteps<C, U> {
  return {
    resolve(params) {
      const uri = params.get('request_uri');
      return uri?.startsWith(PREFIX) ? open(pushed, uri, params.get('client_id')) : undefined;
    },
    recall: (reference) => pushed.recall(reference),
    parse({ params, client, ctx, isWithoutBrowser }) {
      // RFC 9101 §6.3: a request_uri or a request that no extension has resolved is refused: the other parameters are not the client's real request
      if (params.has('request_uri')) throw invalidURI('No extension that is plugged in knows such a URI');
      if (params.has('request')) throw new AuthorizationError('request is not supported', 'request_not_supported');
      if (isPush.of(ctx) || isWithoutBrowser || !isRequired(client)) return undefined; // §1: requests without a browser need no push
      throw reasoned(
        new AuthorizationError('The authorization request must be pushed first', 'invalid_request'),
        "pushedRequests({ required }) or the client's require_pushed_authorization_requests wants it pushed: RFC 9126 §5, §6",
      );
    },
    async take({ req: { reference } }) {
      if (!reference?.startsWith(PREFIX) || (await pushed.take(reference))) return;
      throw unableToLoad('Its pushed request was answered by another dialog'); // §4: used once
    },
  };
}
