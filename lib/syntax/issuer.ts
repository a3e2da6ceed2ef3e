/** The issuer identifier: RFC 8414 §2, RFC 9207 §2. */
import type { Extension } from '../core.js';
import { isNormal, isSecureURL } from './url.js';

declare module '../types.js' {
  interface ServerMetadata {
    readonly authorization_response_iss_parameter_supported?: boolean;
  }
}

/**
 * RFC 8414 §2: https (http on the machine that one develops on), without query and fragment. Clients compare issuers as texts (RFC 9207
 * §2.4, RFC 3986 §6.2.1), so only the one text is taken that every URL parser would write.
 *
 * @throws TypeError
 */
export function requireIssuer(issuer: string): void {
  if (typeof issuer === 'string' && isSecureURL(issuer) && isNormal(issuer) && !issuer.includes('?')) return;
  throw new TypeError(
    `An issuer is an https URL (http on this machine only) in its normal form, without query, fragment and user information, not ${JSON.stringify(issuer)}`,
  );
}

/** The paths of an issuer's metadata: RFC 8414 §3.1 puts the issuer's own path after the well-known one, OpenID Connect Discovery §4 before. */
export function metadataPathsOf(issuer: string): { readonly oauth: string; readonly openID: string } {
  const path = new URL(issuer).pathname.replace(/\/$/, '');
  return {
    oauth: `/.well-known/oauth-authorization-server${path}`,
    openID: `${path}/.well-known/openid-configuration`,
  };
}

/** Names the issuer in every authorization response, errors included. @see RFC 9207 §2 */
export function identification<C, U>(issuer: string): Extension<C, U> {
  return {
    name: 'issuer',
    adds: ['iss'],
    authorization: { respond: () => ({ iss: issuer }) },
    metadata: () => ({ issuer, authorization_response_iss_parameter_supported: true }),
  };
}
