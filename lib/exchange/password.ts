import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import type { Exchange, Respond } from '../plugs.js';
import { splitIssueArguments } from '../registry/shape.js';
import { parseScope } from '../syntax/scope.js';
import type { Awaitable, Client, IssuedTokens, Scope, TokenRequest } from '../types.js';
import { type Issued, issueBy } from './issued.js';
import { EXCHANGE_OPTIONS, type ExchangeOptions } from './options.js';

/** oauth2orize's callback. */
export type ExchangePassword<C> = (
  client: C,
  username: string,
  password: string,
  scope: Scope | undefined,
  body: Readonly<Record<string, string>>,
  authInfo: unknown,
) => Awaitable<Issued>;

/** The user's name and password, as the client sent them. @see RFC 6749 §4.3.2 */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** The checked form, which gives the whole response. A falsy result refuses the request. */
export interface CheckedPassword<C> {
  issue(
    credentials: Credentials,
    request: TokenRequest<C>,
    respond: Respond,
  ): Awaitable<IssuedTokens | false | null | undefined>;
}

type Issue<C> = ExchangePassword<C> | CheckedPassword<C>;

const REFUSAL = 'Invalid resource owner credentials';

function required(params: TokenRequest['params'], name: string): string {
  const value = params.get(name);
  if (value === undefined) throw new TokenError(`Missing required parameter: ${name}`, 'invalid_request');
  return value;
}

/**
 * Exchanges a user's own name and password for an access token.
 *
 * @deprecated Legacy, for parity: it hands the password to the client, and RFC 9700 §2.4 says MUST NOT be used.
 * @throws TypeError without a callback
 * @example server.exchange(exchange.password<App>((client, username, password) => db.tokensOfUser(client, username, password)))
 * @see RFC 6749 §4.3
 */
export function password<C = Client>(issue: Issue<C>): Exchange<C>;
export function password<C = Client>(options: ExchangeOptions, issue: Issue<C>): Exchange<C>;
export function password<C>(first: ExchangeOptions | Issue<C>, second?: Issue<C>): Exchange<C> {
  const [options, issue] = splitIssueArguments<ExchangeOptions, Issue<C>>(
    'exchange.password',
    EXCHANGE_OPTIONS,
    first,
    second,
  );
  return {
    name: 'password',
    userProperty: options?.userProperty,
    parse: (params) => ({ scope: parseScope(params.get('scope'), options?.scopeSeparator) }),
    redeem(request) {
      const { client, params, body, authInfo } = request;
      const credentials = { username: required(params, 'username'), password: required(params, 'password') };
      return {
        async issue(_check, respond) {
          if (typeof issue === 'function') {
            const { username, password } = credentials;
            return issueBy(request, REFUSAL, issue, client, username, password, request.scope, body, authInfo);
          }
          const tokens = await issue.issue(credentials, request, respond);
          if (!tokens) throw reasoned(new TokenError(REFUSAL, 'invalid_grant'), 'issue gave no tokens');
          return tokens;
        },
      };
    },
  };
}
