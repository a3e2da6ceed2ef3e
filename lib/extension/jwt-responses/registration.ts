/** Checks the members of a registration for signed responses. @see JARM §3 */
import { refuseUnsupported, requireOneOf } from '../../clients/judge-members.js';
import { firstRegistered } from '../../clients/member.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { reasoned } from '../../errors/reason.js';
import type { ClientMetadata } from '../../types.js';

const ALGORITHM = 'authorization_signed_response_alg';

/** Refused, since this server does not encrypt responses, and the client would not accept an unencrypted one. */
const ENCRYPTED = ['authorization_encrypted_response_alg', 'authorization_encrypted_response_enc'] as const;

/** The members of a registration that are read here. */
export const REGISTERED: readonly (keyof ClientMetadata)[] = [ALGORITHM, ...ENCRYPTED];

/** @param algorithms the algorithms by which this server signs. @throws OAuth2Error `invalid_client_metadata` */
export function judgeRegistration(metadata: ClientMetadata, algorithms: readonly string[]): ClientMetadata {
  refuseUnsupported(metadata, ENCRYPTED);
  requireOneOf(metadata, ALGORITHM, algorithms); // §3: never `none`
  return metadata;
}

/**
 * Refuses a client that registered encryption. Clients of the application itself were not checked by `judgeRegistration`.
 *
 * @throws AuthorizationError `unauthorized_client`
 */
export function requireUnencrypted(client: unknown): void {
  const member = firstRegistered(client, ENCRYPTED);
  if (member === undefined) return;
  const error = new AuthorizationError('This client needs what the server does not support', 'unauthorized_client');
  throw reasoned(error, `The client registered ${member}, and nothing is encrypted here`, { member });
}
