/** Which members of a registration this server reads. All others are ignored. @see RFC 7591 §2 */
import type { Core } from '../core.js';
import { CERTIFICATE_NAMES } from './judge-authentication.js';
import { untagged } from './judge-texts.js';

/** The members of RFC 7591 §2, OpenID Connect Registration §2 and RFC 8705 §2.1.2 that the toolkit reads itself. */
const OWN = [
  ...['redirect_uris', 'token_endpoint_auth_method', 'token_endpoint_auth_signing_alg', 'grant_types'],
  ...['response_types', 'scope', 'application_type', 'client_name', 'client_uri', 'logo_uri', 'contacts'],
  ...['tos_uri', 'policy_uri', 'jwks_uri', 'jwks', 'software_id', 'software_version'],
  ...CERTIFICATE_NAMES,
];

/** Says whether the toolkit or an extension reads a member. */
export function knownMembers<C, U>({ extensions }: Core<C, U>): (name: string) => boolean {
  const names = new Set([...OWN, ...extensions.flatMap(({ registers = [] }) => registers)]);
  return (name) => names.has(untagged(name) ?? name);
}
