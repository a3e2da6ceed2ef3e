import { basicCredentials } from '../http/basic.js';
import { authorizationOf } from '../http/headers.js';
import { requireNoOptions } from '../options.js';
import { isUnproved } from '../token/client.js';
import type { Client } from '../types.js';
import type { ClientAuthMethod, ClientRequest } from './method.js';

/** RFC 6749 §2.3.1: some libraries send every client identifier in the `Authorization` header, that of a public client with an empty secret. */
function withEmptySecret({ ctx, params }: ClientRequest): readonly string[] {
  if (params.has('client_secret') || params.has('client_assertion')) return [];
  return basicCredentials(authorizationOf(ctx)).flatMap(({ clientID, secret }) => (secret === '' ? [clientID] : []));
}

/**
 * Public clients, which cannot keep a secret: programs on phones and desktops, and pages. They send their identifier without proof; PKCE protects
 * their codes. Only for clients registered with `token_endpoint_auth_method: 'none'`. The identifier is `client_id` in the
 * form, or in an `Authorization: Basic` header with an empty secret.
 *
 * @example none()
 * @see RFC 6749 §2.1, §3.2.1, RFC 7591 §2
 */
export function none<C = Client>(...noOptions: readonly []): ClientAuthMethod<C> {
  requireNoOptions(noOptions, 'none');
  return {
    name: 'none',
    identify(request) {
      const { ctx, params } = request;
      return isUnproved(ctx, params) ? [params.get('client_id') ?? ''] : withEmptySecret(request);
    },
    verify: () => true, // the caller has checked that the client is registered as public
  };
}
