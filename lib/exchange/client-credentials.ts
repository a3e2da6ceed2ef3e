import { authMethodOf, isPublicClient } from '../clients/registration.js';
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import type { Exchange, Respond } from '../plugs.js';
import { splitIssueArguments } from '../registry/shape.js';
import { parseScope } from '../syntax/scope.js';
import type { Awaitable, Client, IssuedTokens, Scope, TokenRequest } from '../types.js';
import { type Issued, issueBy } from './issued.js';
import { EXCHANGE_OPTIONS, type ExchangeOptions } from './options.js';

/** oauth2orize's callback. */
export type ExchangeClientCredentials<C> = (
  client: C,
  scope: Scope | undefined,
  body: Readonly<Record<string, string>>,
  authInfo: unknown,
) => Awaitable<Issued>;

/** The checked form, which gives the whole response. */
export interface CheckedClientCredentials<C> {
  issue(request: TokenRequest<C>, respond: Respond): Awaitable<IssuedTokens>;
}

type Issue<C> = ExchangeClientCredentials<C> | CheckedClientCredentials<C>;

/**
 * Issues an access token to a client for itself, without a user.
 *
 * @throws TypeError without a callback
 * @example server.exchange(exchange.clientCredentials<App>((client, scope) => db.makeClientToken(client.client_id, scope)))
 * @see RFC 6749 §4.4
 */
export function clientCredentials<C = Client>(issue: Issue<C>): Exchange<C>;
export function clientCredentials<C = Client>(options: ExchangeOptions, issue: Issue<C>): Exchange<C>;
export function clientCredentials<C>(first: ExchangeOptions | Issue<C>, second?: Issue<C>): Exchange<C> {
  const [options, issue] = splitIssueArguments<ExchangeOptions, Issue<C>>(
    'exchange.clientCredentials',
    EXCHANGE_OPTIONS,
    first,
    second,
  );
  return {
    name: 'client_credentials',
    userProperty: options?.userProperty,
    parse: (params) => ({ scope: parseScope(params.get('scope'), options?.scopeSeparator) }),
    redeem: (request) => ({
      issue(_check, respond) {
        // RFC 6749 §4.4: MUST only be used by confidential clients
        if (isPublicClient(request))
          throw reasoned(
            new TokenError('Not for public clients', 'unauthorized_client'),
            'The client is registered as public, or did not authenticate',
            { authenticated_by: request.authMethod, registered: authMethodOf(request.client) },
          );
        if (typeof issue !== 'function') return issue.issue(request, respond);
        const { client, scope, body, authInfo } = request;
        return issueBy(request, 'Invalid client credentials', issue, client, scope, body, authInfo);
      },
    }),
  };
}
