/** Checks the members of a registration for request objects. @see OpenID Connect Registration §2, RFC 9101 §10.5 */
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import { isText } from '../../clients/member.js';
import type { ClientMetadata } from '../../types.js';
import { isObjectURL } from './reference.js';

/** Refused, since this server does not decrypt objects. */
const ENCRYPTION = ['request_object_encryption_alg', 'request_object_encryption_enc'] as const;

/** The members of a registration that are read here. */
export const REGISTERED: readonly (keyof ClientMetadata)[] = [
  ...ENCRYPTION,
  ...(['request_object_signing_alg', 'request_uris', 'require_signed_request_object'] as const),
];

function isURLs(value: unknown): boolean {
  return Array.isArray(value) && value.every((url) => isText(url) && isObjectURL(url));
}

function faultOf(metadata: ClientMetadata, algorithms: readonly string[]): string | undefined {
  const encryption = ENCRYPTION.find((name) => metadata[name] !== undefined);
  if (encryption !== undefined) return `${encryption} is not supported`;
  const { request_object_signing_alg: alg, request_uris: urls, require_signed_request_object: isRequired } = metadata;
  if (alg !== undefined && !algorithms.includes(alg))
    return `request_object_signing_alg is one of ${algorithms.join(', ')}`;
  if (urls !== undefined && !isURLs(urls))
    return 'request_uris must be an array of https URLs of 512 characters at most';
  if (isRequired !== undefined && typeof isRequired !== 'boolean')
    return 'require_signed_request_object must be true or false';
  return undefined;
}

/** @throws OAuth2Error `invalid_client_metadata`. @see RFC 7591 §3.2.2 */
export function judgeRegistration(metadata: ClientMetadata, algorithms: readonly string[]): ClientMetadata {
  const fault = faultOf(metadata, algorithms);
  if (fault !== undefined) throw invalidMetadata(fault);
  return metadata;
}
