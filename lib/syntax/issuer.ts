/** The issuer identifier: RFC 8414 §2, RFC 9207 §2. */
import type { Extension } from '../core.js';
import { isNormal, isSecureURL, type Network, plainHTTPHint } from './url.js';

declare module '../types.js' {
  interface ServerMetadata {
    readonly authorization_response_iss_parameter_supported?: boolean;
  }
}

function isIssuer(text: unknown, network?: Network): text is string {
  return typeof text === 'string' && isSecureURL(text, network) && isNormal(text) && !text.includes('?');
}

/** The normal form of a text that URL parsers change, for the message; empty if no form of it is an issuer. */
function remedyFor(text: unknown): string {
  if (typeof text !== 'string' || !URL.canParse(text)) return '';
  const { href } = new URL(text);
  const normal = text.endsWith('/') ? href : href.replace(/\/$/, '');
  return isIssuer(normal) ? `: write ${normal}` : '';
}

/**
 * RFC 8414 §2: https, without query and fragment; http is accepted for loopback hosts, for development. Clients compare issuers as strings
 * (RFC 9207 §2.4, RFC 3986 §6.2.1), so only the normal form is accepted: no URL parser changes it.
 *
 * @param network the options, if `allowPlainHTTP` is one of them
 * @throws TypeError
 */
export function requireIssuer(issuer: string, network?: Network): void {
  if (isIssuer(issuer, network)) return;
  const hint =
    remedyFor(issuer) || (network && isIssuer(issuer, { allowPlainHTTP: true }) ? plainHTTPHint(issuer) : '');
  throw new TypeError(
    `An issuer is an https URL (http on this machine only) in its normal form, without query, fragment and user information, not ${JSON.stringify(issuer)}${hint}`,
  );
}

/** The paths of an issuer's metadata. The issuer's own path is appended in RFC 8414 §3.1, and comes first in OpenID Connect Discovery §4. */
export function metadataPathsOf(issuer: string): {
  readonly oauth: string;
  readonly openIDConfiguration: string;
  /** RFC 8414 §5: the well-known name of OpenID Connect at the position that RFC 8414 defines. MCP clients look there, too. */
  readonly openIDAppended: string;
} {
  const path = new URL(issuer).pathname.replace(/\/$/, '');
  return {
    oauth: `/.well-known/oauth-authorization-server${path}`,
    openIDConfiguration: `${path}/.well-known/openid-configuration`,
    openIDAppended: `/.well-known/openid-configuration${path}`,
  };
}

/** Adds `iss` to every authorization response, also to errors, against mix-up attacks. @see RFC 9207 §2 */
export function identification<C, U>(issuer: string): Extension<C, U> {
  return {
    name: 'issuer',
    spec: 'RFC 9207',
    adds: ['iss'],
    authorization: { respond: () => ({ iss: issuer }) },
    metadata: () => ({ issuer, authorization_response_iss_parameter_supported: true }),
  };
}
