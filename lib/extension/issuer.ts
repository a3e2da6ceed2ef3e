/** RFC 9207: OAuth 2.0 Authorization Server Issuer Identification. */
import { isLoopback } from '../http/loopback.js';
import type { Extension } from '../plugs.js';
import type { Client } from '../types.js';

declare module '../types.js' {
  interface ServerMetadata {
    readonly authorization_response_iss_parameter_supported?: boolean;
  }
}

/** RFC 8414 §2: an https URL without query or fragment; http is for the machine one develops on. */
function isIssuer(issuer: string): boolean {
  if (!URL.canParse(issuer) || /[?#]/.test(issuer)) return false;
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/**
 * Says in every authorization response who sent it, so that a client of several servers cannot be made to mix them up.
 *
 * @param issuer the server's issuer identifier, exactly as in its metadata
 * @throws TypeError when it is not an https URL without query and fragment (http for loopback hosts)
 * @example server.extend(issuer('https://as.example'))
 * @see RFC 9207 §2
 */
export function issuer<C = Client, U = unknown>(issuer: string): Extension<C, U> {
  if (!isIssuer(issuer)) throw new TypeError(`An issuer is an https URL without query and fragment, not ${issuer}`);
  return {
    name: 'issuer',
    authorization: { respond: () => ({ iss: issuer }) },
    metadata: () => ({ issuer, authorization_response_iss_parameter_supported: true }),
  };
}
