/** Adds the ID token at the token endpoint. @see OpenID Connect Core §3.1.3.3, §12.2 */
import type { Core } from '../../core.js';
import { TokenError } from '../../errors/token-error.js';
import type { TokenSteps } from '../../steps.js';
import { scopeOf } from '../../syntax/scope.js';
import type { TokenResponse } from '../../types.js';
import { goneUser, idTokenFor, type Occasion } from './id-token.js';
import type { OpenIDOptions } from './options.js';

/** The grant types with a user who decided, for whom an ID token is issued. */
const OF_USERS = [
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code', // RFC 8628
  'urn:openid:params:grant-type:ciba',
];

/** The scope that makes a request an authentication request. @see OpenID Connect Core §3.1.2.1 */
export const OPENID = 'openid';

/** @throws TokenError if the user was removed */
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
