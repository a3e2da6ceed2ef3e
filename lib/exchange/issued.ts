import { TokenError } from '../errors/token-error.js';
import type { IssuedTokens, TokenResponse } from '../types.js';

/** Further members of the response, verbatim. */
export type TokenParams = Readonly<Record<string, unknown>>;

type None = false | null | undefined | '';

/** What a callback in oauth2orize's form gives: a token, with a refresh token and further members; falsy refuses. */
export type Issued =
  | string
  | None
  | readonly [accessToken: string | None, refreshToken?: string | None, params?: TokenParams]
  | readonly [accessToken: string | None, params?: TokenParams];

/**
 * A callback's result as a response.
 *
 * @param refusal what is said when the result is falsy
 * @throws TokenError `invalid_grant`
 */
export function toIssuedTokens(result: Issued, refusal: string): IssuedTokens {
  const [accessToken, second, third] = Array.isArray(result) ? result : [result];
  if (!accessToken) throw new TokenError(refusal, 'invalid_grant');
  if (typeof accessToken !== 'string') throw new TypeError('An access token must be a string');
  const params: Partial<TokenResponse> = (second && typeof second === 'object' ? second : third) ?? {};
  return {
    ...params,
    access_token: accessToken,
    ...(second && typeof second === 'string' && { refresh_token: second }),
  };
}
