import { epoch } from '../clock.js';
import { requireKnown } from '../options.js';
import type { Client } from '../types.js';
import type { ClientAuthMethod } from './method.js';
import { type ClientSecretOptions, compareStored, isYes, requireUnexpired } from './secret.js';

/**
 * Client ID and secret as form parameters, for clients that cannot use HTTP Basic.
 *
 * @example clientSecretPost()
 * @see RFC 6749 §2.3.1
 */
export function clientSecretPost<C = Client>(options: ClientSecretOptions<C> = {}): ClientAuthMethod<C> {
  requireKnown<ClientSecretOptions<C>>(options, { compare: true, now: true }, 'clientSecretPost');
  const { compare = compareStored, now = epoch } = options;
  return {
    name: 'client_secret_post',
    identify({ params }) {
      const clientID = params.get('client_id');
      return clientID !== undefined && params.has('client_secret') ? [clientID] : [];
    },
    async verify(client, { params, clientID }) {
      const isRight = isYes(await compare(params.get('client_secret') ?? '', client));
      if (isRight) requireUnexpired(client, clientID, now());
      return isRight;
    },
  };
}
