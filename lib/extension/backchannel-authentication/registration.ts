/** Checks the members of a registration that CIBA defines. @see CIBA §4 */
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import type { ClientMetadata } from '../../types.js';
import { CIBA, DELIVERY_MODES } from './names.js';
import { isNotificationURL } from './ping.js';

/** The members of a registration that are read here. */
export const REGISTERED: readonly (keyof ClientMetadata)[] = [
  ...(['backchannel_token_delivery_mode', 'backchannel_client_notification_endpoint'] as const),
  ...(['backchannel_authentication_request_signing_alg', 'backchannel_user_code_parameter'] as const),
];

function faultOf(metadata: ClientMetadata, algorithms: readonly string[]): string | undefined {
  const {
    grant_types: grantTypes,
    token_endpoint_auth_method: authMethod,
    backchannel_token_delivery_mode: mode,
    backchannel_client_notification_endpoint: endpoint,
    backchannel_authentication_request_signing_alg: alg,
    backchannel_user_code_parameter: userCode,
  } = metadata;
  const isOfCIBA = grantTypes?.includes(CIBA) === true;
  const modes: readonly unknown[] = DELIVERY_MODES;
  if (isOfCIBA && !modes.includes(mode)) return `backchannel_token_delivery_mode is one of ${modes.join(', ')}`;
  if (mode !== undefined && !isOfCIBA) return `backchannel_token_delivery_mode needs ${CIBA} in grant_types`;
  if (isOfCIBA && authMethod === 'none') return 'A public client cannot use CIBA'; // §7.1: MUST authenticate
  if (endpoint !== undefined && !isNotificationURL(endpoint))
    return 'backchannel_client_notification_endpoint must be an https URL';
  if (mode === 'ping' && endpoint === undefined) return 'ping needs backchannel_client_notification_endpoint';
  if (alg !== undefined && !algorithms.includes(alg))
    return `backchannel_authentication_request_signing_alg is one of ${algorithms.join(', ')}`;
  if (userCode !== undefined && typeof userCode !== 'boolean')
    return 'backchannel_user_code_parameter must be true or false';
  return undefined;
}

/** @throws OAuth2Error `invalid_client_metadata`. @see RFC 7591 §3.2.2 */
export function judgeRegistration(metadata: ClientMetadata, algorithms: readonly string[]): ClientMetadata {
  const fault = faultOf(metadata, algorithms);
  if (fault !== undefined) throw invalidMetadata(fault);
  return metadata;
}
