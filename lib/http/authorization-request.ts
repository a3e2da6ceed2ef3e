import { parseScope } from '../syntax/scope.js';
import type { AuthorizationRequest, Params } from '../types.js';
import { perRequest } from './per-request.js';

/**
 * Converts the parameters of an authorization request to an AuthorizationRequest.
 *
 * @param separator separates scopes; of several separators, the first that occurs in the scope is used
 * @see RFC 6749 §4.1.1
 */
export function toAuthorizationRequest(
  params: Params,
  separator: string | readonly string[] | undefined,
): AuthorizationRequest {
  return {
    type: params.get('response_type') ?? '',
    clientID: params.get('client_id') ?? '',
    redirectURI: params.get('redirect_uri'),
    scope: parseScope(params.get('scope'), separator),
    state: params.get('state'),
    responseMode: params.get('response_mode'),
  };
}

/** The request that the authorization endpoint has read, for the `request` function of a grant. */
export const asked = perRequest<AuthorizationRequest>('asked');
