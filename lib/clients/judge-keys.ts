/** Judges the keys of a registration. @see RFC 7591 §2, RFC 7517 */
import { secretMemberOf } from '../syntax/jwk.js';
import { isPlain, isSecureURL } from '../syntax/url.js';
import type { ClientMetadata } from '../types.js';
import { invalidMetadata } from './invalid-metadata.js';
import { isText, memberOf } from './member.js';

/** Far more than a client needs while it replaces its keys. */
const MAX_KEYS = 20;

/** Whether a value is a URL at the client's own servers: https, without a fragment, and not longer than browsers support. */
export function isRemoteURL(value: unknown): value is string {
  return isText(value) && value.length <= 2000 && isSecureURL(value) && !isPlain(value);
}

function faultOfSet(jwks: unknown): string | undefined {
  const keys = memberOf(jwks, 'keys');
  if (!Array.isArray(keys)) return 'jwks must be a key set: an object with an array of keys'; // RFC 7517 §5
  if (keys.length > MAX_KEYS) return `jwks has more than ${MAX_KEYS} keys`;
  for (const key of keys) {
    if (!isText(memberOf(key, 'kty'))) return 'each key of jwks must be an object with a kty'; // RFC 7517 §4.1
    const secret = secretMemberOf(key);
    // whoever reads the registration could sign as the client
    if (secret !== undefined) return `jwks has a private or symmetric key (${secret}): send public keys only`;
  }
  return undefined;
}

/** @throws OAuth2Error `invalid_client_metadata` */
export function judgeKeys({ jwks, jwks_uri: uri }: ClientMetadata): void {
  // RFC 7591 §2: the two MUST NOT both be present
  if (jwks !== undefined && uri !== undefined) throw invalidMetadata('jwks and jwks_uri cannot both be there');
  if (uri !== undefined && !isRemoteURL(uri))
    throw invalidMetadata('jwks_uri must be an https URL without a fragment', { came: uri });
  const fault = jwks === undefined ? undefined : faultOfSet(jwks);
  if (fault !== undefined) throw invalidMetadata(fault);
}
