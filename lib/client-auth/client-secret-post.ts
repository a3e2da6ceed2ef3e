import type { Client } from '../types.js';
import type { ClientAuthMethod } from './method.js';
import { type ClientSecretOptions, compareStored } from './secret.js';

/**
 * Client ID and secret in the form. For clients that cannot use HTTP Basic.
 *
 * @example clientSecretPost()
 * @see RFC 6749 §2.3.1
 */
export function clientSecretPost<C = Client>({
  compare = compareStored,
}: ClientSecretOptions<C> = {}): ClientAuthMethod<C> {
  return {
    name: 'client_secret_post',
    identify({ params }) {
      const clientID = params.get('client_id');
      return clientID !== undefined && params.has('client_secret') ? [clientID] : [];
    },
    verify: (client, { params }) => compare(params.get('client_secret') ?? '', client),
  };
}
