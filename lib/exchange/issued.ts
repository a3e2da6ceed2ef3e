import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import type { Awaitable, IssuedTokens, TokenRequest, TokenResponse } from '../types.js';

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
function toIssuedTokens(result: Issued, refusal: string): IssuedTokens {
  const [accessToken, second, third] = Array.isArray(result) ? result : [result];
  if (!accessToken) throw reasoned(new TokenError(refusal, 'invalid_grant'), 'The callback gave no access token');
  if (typeof accessToken !== 'string') throw new TypeError('An access token must be a string');
  const params: Partial<TokenResponse> = (second && typeof second === 'object' ? second : third) ?? {};
  return {
    ...params,
    access_token: accessToken,
    ...(second && typeof second === 'string' && { refresh_token: second }),
  };
}

/**
 * Issues by a callback in oauth2orize's form, which is not told of a key that the tokens must be bound to.
 *
 * @param refusal what the client is told when the callback refuses
 * @throws Error where there is such a key: the tokens would merely look bound
 * @throws TokenError when the callback refuses
 */
export async function issueBy<C>(
  { confirmation, grantType }: TokenRequest<C>,
  refusal: string,
  callback: () => Awaitable<Issued>,
): Promise<IssuedTokens> {
  if (confirmation) throw new Error(`${grantType}: only the checked form can bind tokens to a key of the client's`);
  return toIssuedTokens(await callback(), refusal);
}
