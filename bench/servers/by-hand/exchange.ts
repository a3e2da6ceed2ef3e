import type { App } from '../clients.js';
import { type Fields, ProtocolError, requireField } from './protocol-error.js';

/** What answers a token request. @throws ProtocolError */
type Exchange = (client: App, form: Fields) => object;

/** The token endpoint, from what it does for each grant type. */
export function exchangeBy(grants: ReadonlyMap<string, Exchange>): Exchange {
  return (client, form) => {
    const grantType = requireField(form, 'grant_type');
    if (!client.grant_types.includes(grantType)) throw new ProtocolError(400, 'unauthorized_client');
    const exchange = grants.get(grantType);
    if (!exchange) throw new ProtocolError(400, 'unsupported_grant_type');
    return exchange(client, form);
  };
}
