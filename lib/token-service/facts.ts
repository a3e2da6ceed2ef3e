/** The facts about tokens for the doctor. */
import type { TokenFacts } from '../connected-tokens.js';
import { originOf } from './access-token.js';
import type { TokenServiceOptions } from './options.js';
import type { Settings } from './settings.js';

export function factsOf<C, U>(
  { accessTokens }: TokenServiceOptions<C, U>,
  { longest, issuer }: Settings<C, U>,
  client: C | undefined,
): TokenFacts {
  const { code, accessToken, refreshToken } = longest(client);
  const lifetimes = { code, accessToken, refreshToken };
  if (typeof accessTokens === 'function') return { lifetimes, isSigned: undefined, audience: undefined };
  const isSigned = accessTokens?.counts !== undefined;
  return { lifetimes, isSigned, audience: isSigned ? originOf(accessTokens, issuer).audience : undefined };
}
