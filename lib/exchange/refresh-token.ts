import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import type { Check, Exchange, Respond } from '../plugs.js';
import { splitIssueArguments } from '../registry/shape.js';
import { firstBeyond, parseScope, scopeOf } from '../syntax/scope.js';
import type { Authorization, Awaitable, Client, IssuedTokens, Params, Scope, TokenRequest } from '../types.js';
import { type Issued, issueBy } from './issued.js';
import { EXCHANGE_OPTIONS, type ExchangeOptions } from './options.js';

/** oauth2orize's callback: it redeems the refresh token and issues tokens in one call. */
export type ExchangeRefreshToken<C> = (
  client: C,
  refreshToken: string,
  scope: Scope | undefined,
  body: Readonly<Record<string, string>>,
  authInfo: unknown,
  check: Check,
) => Awaitable<Issued>;

/** The checked form: between `redeem` and `issue` the toolkit compares the client and the scope, and runs the checks of extensions. */
export interface CheckedRefreshToken<C, A extends Authorization> {
  /** Looks up the Authorization of a refresh token, and spends the token if tokens are rotated. A falsy result refuses the request. */
  redeem(refreshToken: string, request: TokenRequest<C>): Awaitable<A | false | null | undefined>;
  /** Makes the tokens. The access token gets `request.scope` if there is one; a new refresh token is for the whole `authorization`. */
  issue(authorization: A, request: TokenRequest<C>, respond: Respond): Awaitable<IssuedTokens>;
}

type Issue<C, A extends Authorization> = ExchangeRefreshToken<C> | CheckedRefreshToken<C, A>;

const REFUSAL = 'Invalid refresh token';
const NO_AUTHORIZATION =
  'redeem gave no authorization: the token is unknown, expired, used or revoked, or was issued to another client';

function requireRefreshToken(params: Params): string {
  const refreshToken = params.get('refresh_token');
  if (refreshToken === undefined) throw new TokenError('Missing required parameter: refresh_token', 'invalid_request');
  return refreshToken;
}

/**
 * Exchanges refresh tokens for access tokens.
 *
 * @param issue the checked form, or oauth2orize's callback
 * @throws TypeError without a callback
 * @example server.exchange(exchange.refreshToken({ redeem: (token) => db.takeRefreshToken(token), issue: (authorization) => db.makeTokens(authorization) }))
 * @see RFC 6749 §6
 */
export function refreshToken<C = Client, A extends Authorization = Authorization>(issue: Issue<C, A>): Exchange<C>;
export function refreshToken<C = Client, A extends Authorization = Authorization>(
  options: ExchangeOptions,
  issue: Issue<C, A>,
): Exchange<C>;
export function refreshToken<C, A extends Authorization>(
  first: ExchangeOptions | Issue<C, A>,
  second?: Issue<C, A>,
): Exchange<C> {
  const [options, issue] = splitIssueArguments<ExchangeOptions, Issue<C, A>>(
    'exchange.refreshToken',
    EXCHANGE_OPTIONS,
    first,
    second,
  );
  return {
    name: 'refresh_token',
    userProperty: options?.userProperty,
    parse: (params) => ({ scope: parseScope(params.get('scope'), options?.scopeSeparator) }),
    async redeem(request) {
      const { client, params, body, authInfo } = request;
      const token = requireRefreshToken(params);
      if (typeof issue === 'function') {
        const issuing = (check: Check): Promise<IssuedTokens> =>
          issueBy(request, REFUSAL, issue, client, token, request.scope, body, authInfo, check);
        return { checksItself: true, issue: issuing };
      }
      const authorization = await issue.redeem(token, request);
      if (!authorization) throw reasoned(new TokenError(REFUSAL, 'invalid_grant'), NO_AUTHORIZATION);
      return { authorization, issue: (_check, respond) => issue.issue(authorization, request, respond) };
    },
    check(authorization, { scope }) {
      // RFC 6749 §6: the scope MUST NOT include a word that was not originally granted
      const granted = scopeOf(authorization) ?? []; // the application may have stored the scope as text
      const wider = scope && firstBeyond(scope, granted);
      if (wider === undefined) return;
      const error = new TokenError(`Scope was not granted: ${wider}`, 'invalid_scope');
      throw reasoned(error, 'The refresh request asks for a scope that was not granted', { asked: scope, granted });
    },
  };
}
