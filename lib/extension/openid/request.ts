/** Reads the parameters of an authorization request. @see OpenID Connect Core §3.1.2.1 */
import type { AskedRequest } from '../../steps.js';
import { scopeOf } from '../../syntax/scope.js';
import type { AuthorizationRequest } from '../../types.js';
import { OPENID } from './token.js';

/** What OpenID Connect has of a request: nothing if the scope has no `openid`. */
export function readRequest<C>({ params, request }: AskedRequest<C>): Partial<AuthorizationRequest> | undefined {
  if (!scopeOf(request)?.includes(OPENID)) return undefined;
  const nonce = params.get('nonce');
  return { ...(nonce !== undefined && { nonce }) };
}
