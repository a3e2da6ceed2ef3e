/** Judges the members of a registration that signed responses are made by. @see JARM §3 */
import { refuseUnsupported, requireOneOf } from '../../clients/judge-members.js';
import type { ClientMetadata } from '../../types.js';

const ALGORITHM = 'authorization_signed_response_alg';

/** Nothing is encrypted here: a response that is not would be what the client does not take. */
const ENCRYPTED = ['authorization_encrypted_response_alg', 'authorization_encrypted_response_enc'] as const;

/** The members of a registration that are read here. */
export const REGISTERED: readonly (keyof ClientMetadata)[] = [ALGORITHM, ...ENCRYPTED];

/** @param algorithms by which this server signs. @throws OAuth2Error `invalid_client_metadata` */
export function judgeRegistration(metadata: ClientMetadata, algorithms: readonly string[]): ClientMetadata {
  refuseUnsupported(metadata, ENCRYPTED);
  requireOneOf(metadata, ALGORITHM, algorithms); // §3: never `none`
  return metadata;
}
