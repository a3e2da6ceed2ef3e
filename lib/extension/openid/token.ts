/** What is added at the token endpoint. @see OpenID Connect Core §3.1.3.3, §12.2 */
import type { Core } from '../../core.js';
import { TokenError } from '../../errors/token-error.js';
import type { TokenSteps } from '../../steps.js';
import { scopeOf } from '../../syntax/scope.js';
import type { TokenResponse } from '../../types.js';
import { goneUser, idTokenFor, type Occasion } from './id-token.js';
import type { OpenIDOptions } from './options.js';

/** The grant types by which a user has allowed something, so that an ID token says who. */
const OF_USERS = [
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code', // RFC 8628
  'urn:openid:params:grant-type:ciba',
];

/** @see OpenID Connect Core §3.1.2.1: what makes a request one of OpenID Connect */
export const OPENID = 'openid';

/** @throws TokenError where the user is gone */
async function withIDToken<C, U>(
  core: Core<C, U>,
  options: OpenIDOptions<C, U>,
  occasion: Occasion<C>,
): Promise<Partial<TokenResponse>> {
  const token = await idTokenFor(core, options, occasion);
  if (token !== undefined) return { id_token: token };
  throw goneUser(new TokenError('There is no such user any more', 'invalid_grant'), occasion.authorization);
}

export function tokenSteps<C, U>(core: Core<C, U>, options: OpenIDOptions<C, U>): TokenSteps<C> {
  return {
    grantTypes: OF_USERS,
    respond({ access_token: accessToken }, { client, scope }, authorization, grantType) {
      const granted = scope ?? scopeOf(authorization ?? {});
      if (!authorization || !granted?.includes(OPENID)) return undefined;
      const nonce = grantType === 'refresh_token' ? undefined : authorization.request.nonce; // §12.2: SHOULD NOT have a nonce Claim
      return withIDToken(core, options, { client, authorization, nonce, beside: { accessToken } });
    },
  };
}
