import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import type { Check, Exchange, Respond } from '../plugs.js';
import { splitIssuer } from '../registry/shape.js';
import { firstBeyond, parseScope, scopeOf } from '../syntax/scope.js';
import type { Authorization, Awaitable, Client, IssuedTokens, Params, Scope, TokenRequest } from '../types.js';
import { type Issued, issueBy } from './issued.js';
import type { ExchangeOptions } from './options.js';

/** oauth2orize's callback: redeems the refresh token and issues in one. */
export type ExchangeRefreshToken<C> = (
  client: C,
  refreshToken: string,
  scope: Scope | undefined,
  body: Readonly<Record<string, string>>,
  authInfo: unknown,
  check: Check,
) => Awaitable<Issued>;

/** The checked form: between `redeem` and `issue` the toolkit compares client and scope and all that extensions know. */
export interface CheckedRefreshToken<C, A extends Authorization> {
  /** Looks a refresh token up, taking it where tokens are rotated. Falsy refuses. */
  redeem(refreshToken: string, request: TokenRequest<C>): Awaitable<A | false | null | undefined>;
  /** `request.scope`, where there is one, is what the access token may have; `authorization` is what the next refresh token stands for. */
  issue(authorization: A, request: TokenRequest<C>, respond: Respond): Awaitable<IssuedTokens>;
}

type Issue<C, A extends Authorization> = ExchangeRefreshToken<C> | CheckedRefreshToken<C, A>;

const REFUSAL = 'Invalid refresh token';
const NO_AUTHORIZATION =
  'redeem gave no authorization: the token is unknown, expired or used, or another client has it';

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
 * @example server.exchange(exchange.refreshToken({ redeem: (token) => tokens.take(token), issue: (authorization) => tokens.make(authorization) }))
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
  const [options, issue] = splitIssuer<ExchangeOptions, Issue<C, A>>('exchange.refreshToken', first, second);
  return {
    name: 'refresh_token',
    userProperty: options?.userProperty,
    parse: (params) => ({ scope: parseScope(params.get('scope'), options?.scopeSeparator) }),
    async redeem(request) {
      const { client, params, body, authInfo } = request;
      const presented = requireRefreshToken(params);
      if (typeof issue === 'function') {
        const issuing = (check: Check): Promise<IssuedTokens> =>
          issueBy(request, REFUSAL, () => issue(client, presented, request.scope, body, authInfo, check));
        return { checksItself: true, issue: issuing };
      }
      const authorization = await issue.redeem(presented, request);
      if (!authorization) throw reasoned(new TokenError(REFUSAL, 'invalid_grant'), NO_AUTHORIZATION);
      return { authorization, issue: (_check, respond) => issue.issue(authorization, request, respond) };
    },
    check(authorization, { scope }) {
      // RFC 6749 §6: MUST NOT include any scope not originally granted
      const granted = scopeOf(authorization) ?? []; // an application may have stored it as text
      const wider = scope && firstBeyond(scope, granted);
      if (wider === undefined) return;
      const error = new TokenError(`Scope was not granted: ${wider}`, 'invalid_scope');
      throw reasoned(error, 'A refresh asks for more than was granted', { asked: scope, granted });
    },
  };
}
