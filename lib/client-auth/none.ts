import { isUnproved } from '../middleware/client.js';
import type { Client } from '../types.js';
import type { ClientAuthMethod } from './method.js';

/**
 * Public clients, which cannot keep a secret: phone and desktop programs, pages. They say who they are and prove nothing; it is PKCE
 * that protects their codes. Only for clients registered with `token_endpoint_auth_method: 'none'`.
 *
 * @example none()
 * @see RFC 6749 §2.1, §3.2.1, RFC 7591 §2
 */
export function none<C = Client>(): ClientAuthMethod<C> {
  return {
    name: 'none',
    identify: ({ ctx, params }) => (isUnproved(ctx, params) ? [params.get('client_id') ?? ''] : []),
    verify: () => true, // that the client registered as public, whoever calls this has seen
  };
}
