/** Functions by which extensions judge members of a registration. @see RFC 7591 §3.2.2 */
import { invalidMetadata } from './invalid-metadata.js';
import { memberOf } from './member.js';

/** @throws OAuth2Error if the member is present and is neither true nor false */
export function requireBoolean(metadata: object, name: string): void {
  const value = memberOf(metadata, name);
  if (value !== undefined && typeof value !== 'boolean')
    throw invalidMetadata(`${name} must be true or false`, { came: value });
}

/** @throws OAuth2Error if the member is present and is none of these values */
export function requireOneOf(metadata: object, name: string, values: readonly string[]): void {
  const value = memberOf(metadata, name);
  if (value !== undefined && !values.some((one) => one === value))
    throw invalidMetadata(`${name} is one of ${values.join(', ')}`, { came: value });
}

/** @throws OAuth2Error if a member is present that asks for a feature that the server lacks, such as encryption */
export function refuseUnsupported(metadata: object, names: readonly string[]): void {
  const asked = names.find((name) => memberOf(metadata, name) !== undefined);
  if (asked !== undefined) throw invalidMetadata(`${asked} is not supported`);
}
