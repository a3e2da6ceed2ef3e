/** Checks the members of a registration for signed introspection responses. @see RFC 9701 §6 */
import { refuseUnsupported, requireOneOf } from '../../clients/judge-members.js';
import type { ClientMetadata } from '../../types.js';

const ALGORITHM = 'introspection_signed_response_alg';

/** Refused, since this server does not encrypt responses, and the API would not accept a response that is not encrypted. */
export const ENCRYPTED = ['introspection_encrypted_response_alg', 'introspection_encrypted_response_enc'] as const;

/** The members of a registration that are read here. */
export const REGISTERED: readonly (keyof ClientMetadata)[] = [ALGORITHM, ...ENCRYPTED];

/** @param algorithms the algorithms by which this server signs. @throws OAuth2Error `invalid_client_metadata` */
export function judgeRegistration(metadata: ClientMetadata, algorithms: readonly string[]): ClientMetadata {
  refuseUnsupported(metadata, ENCRYPTED);
  requireOneOf(metadata, ALGORITHM, algorithms);
  return metadata;
}
