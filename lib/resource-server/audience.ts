import type { Middleware } from 'koa';
import { acceptedOf } from './accepted.js';
import { challenge, invalidToken } from './challenge.js';

/**
 * Lets only tokens through that are for this API, so that none that another API was given, or stole, works here. A token that does
 * not say whom it is for is for nobody.
 *
 * @param audience what the authorization server calls this API
 * @throws TypeError without an audience
 * @throws Error at the request, when `bearer` did not run before
 * @example app.use(bearer({ verify })).use(requireAudience('https://api.example'))
 * @see RFC 9700 §2.3, RFC 9068 §4
 */
export function requireAudience(audience: string): Middleware {
  if (!audience) throw new TypeError('requireAudience needs an audience');
  return async function requireAudience(ctx, next) {
    const { token, params } = acceptedOf(ctx, 'requireAudience');
    if (!token.audience?.includes(audience)) return challenge(ctx, params, invalidToken());
    await next();
  };
}
