import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import { requireNoPromise } from '../promise.js';
import { warnOfDone } from '../registry/done.js';
import { requireVisible } from '../syntax/visible.js';
import type { Awaitable, IssuedTokens, TokenRequest, TokenResponse } from '../types.js';

/** Further members of the response, sent unchanged. */
type TokenParams = Readonly<Record<string, unknown>>;

type None = false | null | undefined | '';

/** The result of a callback in oauth2orize's form: an access token, optionally with a refresh token and further members. Falsy refuses the request. */
export type Issued =
  | string
  | None
  | readonly [accessToken: string | None, refreshToken?: string | None, params?: TokenParams]
  | readonly [accessToken: string | None, params?: TokenParams];

/**
 * Turns the result of a callback into a response.
 *
 * @param refusal the message for the client if the result is falsy
 * @throws TokenError `invalid_grant`
 */
function toIssuedTokens(result: Issued, refusal: string): IssuedTokens {
  const list: readonly unknown[] = Array.isArray(result) ? result : [result];
  requireNoPromise('The callback', ...list);
  const [accessToken, second, third] = list;
  if (!accessToken) throw reasoned(new TokenError(refusal, 'invalid_grant'), 'The callback gave no access token');
  requireVisible('An access token', accessToken); // RFC 6749 §A.12
  const hasParams = typeof second === 'object' && second !== null;
  const params = (hasParams ? second : third) as Partial<TokenResponse> | undefined;
  if (hasParams || !second) return { ...params, access_token: accessToken };
  requireVisible('A refresh token', second); // §A.17
  return { ...params, access_token: accessToken, refresh_token: second };
}

/**
 * Issues by a callback in oauth2orize's form. Such a callback receives neither `confirmation` nor `claims`, so it
 * cannot bind tokens to a key, nor put claims into them.
 *
 * @param refusal the message for the client if the callback refuses
 * @throws Error if the request has a `confirmation`, because the tokens would not be bound to that key; or `claims`, because the tokens would lack them
 * @throws TokenError if the callback refuses
 */
export async function issueBy<C, A extends readonly unknown[]>(
  request: TokenRequest<C>,
  refusal: string,
  callback: (...args: A) => Awaitable<Issued>,
  ...args: A
): Promise<IssuedTokens> {
  requirePlain(request);
  const issuing = callback(...args);
  if (issuing === undefined) warnOfDone(`exchange for ${request.grantType}`, callback);
  const issued = await issuing;
  requirePlain(request); // the callback has called check, and what an extension's check gives is added to the request
  return toIssuedTokens(issued, refusal);
}

/** @throws Error */
function requirePlain<C>({ confirmation, claims, grantType }: TokenRequest<C>): void {
  if (confirmation) throw new Error(`${grantType}: only the checked form can bind tokens to a key of the client's`);
  if (claims) throw new Error(`${grantType}: only the checked form can make tokens with the claims of an extension`);
}
