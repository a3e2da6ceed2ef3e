/** Issues the access token of an exchange. @see RFC 8693 §2.2 */
import type { Core } from '../../core.js';
import type { Redemption } from '../../plugs.js';
import type { Authorization, IssuedTokens, TokenRequest } from '../../types.js';
import { audienceOfExchange, claimsOfExchange, detailsOfExchange } from './granted.js';
import { unsupported } from './invalid.js';
import { JWT } from './names.js';
import type { ExchangedFor } from './options.js';
import { isJWT } from './presented.js';

/** The token service. @throws Error if there is none that issues and verifies */
export function tokensOf<C, U>({ tokens }: Core<C, U>) {
  const issue = tokens?.issue?.bind(tokens);
  if (!issue || !tokens?.verify)
    throw new Error('tokenExchange() reads and issues tokens: say createServer({ tokens: tokenService(...) })');
  return { issue };
}

/**
 * §2.1, §3: a client that asks for a JWT gets no other token. The formats of access tokens differ between APIs and clients, so the token itself is judged, before
 * it is stored.
 *
 * @throws TokenError `invalid_request`. @see RFC 8693 §2.2.2
 */
function requireJWT({ access_token: token }: IssuedTokens): void {
  if (!isJWT(token))
    throw unsupported(JWT, 'The access token that would be issued is no JWT: tokenService({ accessTokens })');
}

/** Issues an access token, by the token service. It belongs to the authorization of the subject token, and ends with it. */
export function accessTokenOf<C, U>(
  core: Core<C, U>,
  exchanged: ExchangedFor<C>,
  request: TokenRequest<C>,
  clientID: string,
): Redemption {
  const { subject, allowed, grantedScope: scope, endsAt, act } = exchanged;
  const authorization: Authorization = {
    clientID,
    redirectURI: '',
    subject: subject.subject,
    scope,
    request: { type: '', clientID, scope: request.scope },
    audience: audienceOfExchange(exchanged, allowed),
    endsAt,
    exchanged: { claims: claimsOfExchange(subject, allowed, act) },
  };
  const details = detailsOfExchange(subject, allowed);
  if (details !== undefined) Object.assign(authorization, { authorizationDetails: details });
  const { issue } = tokensOf(core);
  const given = Object.assign({}, authorization, { within: subject.authorizationID, refreshToken: false });
  return {
    authorization,
    issue(_check, respond) {
      if (request.requestedTokenType !== JWT) return issue(given, request, respond);
      return issue(given, request, (tokens) => {
        requireJWT(tokens);
        return respond(tokens);
      });
    },
  };
}
