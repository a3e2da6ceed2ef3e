/** Judges the redirect URIs of a registration. Browsers are sent there with codes, so the rules are strict. */
import { responseTypeWords } from '../syntax/response-type.js';
import { isHTTPSOrLoopback, isNormal, parameterIn } from '../syntax/url.js';
import type { ClientMetadata } from '../types.js';
import { invalidMetadata, invalidRedirectURI } from './invalid-metadata.js';
import { isText, listOf } from './member.js';
import { isUsable } from './redirect-uri.js';

/** What redirect URIs are judged by. */
export interface RedirectURIRules {
  /** The server's own issuer: no client may have a redirect URI at its origin. */
  readonly issuer?: string | undefined;
  /** Schemes without a dot, such as `cursor`, that native programs may use. */
  readonly schemes: readonly string[];
}

const MAX_URIS = 20;
const MAX_LENGTH = 2000;

/**
 * What an answer may have, whatever its response type and mode: in a registered query it could pass for a part of the answer. Extensions refuse what theirs have. RFC 6749
 * §4.1.2, §4.1.2.1, §4.2.2, RFC 9207 §2, JARM §2.3
 */
const OF_ANSWER = [
  ...['code', 'state', 'iss', 'error', 'error_description', 'error_uri', 'access_token', 'token_type', 'expires_in'],
  ...['scope', 'response'],
];

/** RFC 8252 §7.1: a domain name of the developer in reverse order, so that no other program has the same scheme by accident. */
const REVERSED_DOMAIN = /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/;

/** Whether the authorization response of this type carries a token or an ID token, so that the redirect itself must be protected. */
function isImplicit(type: string): boolean {
  return responseTypeWords(type).some((word) => word !== 'code');
}

/**
 * OpenID Connect Registration §2: a client that omits the type is a web client. This is kept if tokens are sent by the redirect. Other clients without a type may
 * be native programs, as those of MCP are.
 */
function typeOf({ application_type: type, response_types: types = [] }: ClientMetadata): string | undefined {
  return type ?? (types.some(isImplicit) ? 'web' : undefined);
}

/** What is wrong with an http or https URL. */
function faultOfURL(url: URL, uri: string, metadata: ClientMetadata): string | undefined {
  if (url.username || url.password) return 'has a user name in it';
  if (url.host.includes('*')) return 'has a wildcard'; // RFC 9700 §4.1.3: compared exactly
  if (!isNormal(uri)) return `is not written as browsers write it: ${url.href}`; // another spelling could be read as another address
  if (!isHTTPSOrLoopback(url)) return 'must be https, or http on a loopback host';
  const { response_types: types = [] } = metadata;
  // RFC 8252 §7.2: native programs may have https URLs, which the system opens in the program. OpenID Connect Registration §2 is older, and forbids them
  const isLocal = isHTTPSOrLoopback(new URL(`http://${url.host}`));
  if (typeOf(metadata) === 'web' && isLocal && types.some(isImplicit))
    return 'is on a loopback host, and with such response types only application_type native may be there'; // OpenID Connect Registration §2
  return undefined;
}

/** What is wrong with a URI of another scheme. */
function faultOfScheme({ protocol }: URL, metadata: ClientMetadata, { schemes }: RedirectURIRules): string | undefined {
  const type = typeOf(metadata);
  if (type === 'web') return 'must be https for application_type web'; // OpenID Connect Registration §2
  if (schemes.includes(protocol.slice(0, -1))) return undefined;
  // any program can claim the same scheme and receive the code: the client must declare that it is a native program
  if (type !== 'native') return 'has a scheme of its own, which needs application_type native';
  return REVERSED_DOMAIN.test(protocol) ? undefined : 'has a scheme that is not a reversed domain name'; // RFC 8252 §7.1
}

function faultOfQuery(url: URL, ofAnswer: readonly string[]): string | undefined {
  const name = parameterIn(url, ofAnswer);
  return name && `has ${name} in its query, which is for the answer`;
}

function faultOf(uri: string, metadata: ClientMetadata, rules: RedirectURIRules): string | undefined {
  if (uri.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (!isUsable(uri)) return 'is not an absolute URI without a fragment, with a scheme that leads to a client'; // RFC 6749 §3.1.2
  const url = new URL(uri);
  const fault = faultOfQuery(url, OF_ANSWER);
  if (fault !== undefined) return fault;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return faultOfScheme(url, metadata, rules);
  if (rules.issuer !== undefined && url.origin === new URL(rules.issuer).origin) return 'is at this server';
  return faultOfURL(url, uri, metadata);
}

/** @throws OAuth2Error `invalid_redirect_uri`; `invalid_client_metadata` for another `application_type`. @see RFC 7591 §2, OpenID Connect Registration §2 */
export function judgeRedirectURIs(metadata: ClientMetadata, rules: RedirectURIRules): void {
  const { redirect_uris: uris = [], response_types: types = [], application_type: type } = metadata;
  if (type !== undefined && type !== 'web' && type !== 'native')
    throw invalidMetadata('application_type is web or native', { came: type });
  if (!Array.isArray(uris) || !uris.every(isText))
    throw invalidRedirectURI('redirect_uris must be an array of strings');
  if (uris.length > MAX_URIS) throw invalidRedirectURI(`More than ${MAX_URIS} redirect URIs`);
  if (new Set(uris).size < uris.length) throw invalidRedirectURI('A redirect URI is there twice');
  // RFC 7591 §2: clients that use flows with redirection MUST register them
  if (uris.length === 0 && types.length > 0) throw invalidRedirectURI('redirect_uris is missing');
  for (const [index, uri] of uris.entries()) {
    const fault = faultOf(uri, metadata, rules);
    if (fault !== undefined) throw invalidRedirectURI(`redirect_uris[${index}] ${fault}`, { came: uri });
  }
}

/**
 * For extensions whose answers have further parameters.
 *
 * @throws OAuth2Error `invalid_redirect_uri` for a redirect URI with one of them in its query
 */
export function refuseInQueries(metadata: ClientMetadata, ofAnswer: readonly string[]): void {
  for (const [index, uri] of (listOf(metadata, 'redirect_uris', isText) ?? []).entries()) {
    const fault = URL.canParse(uri) ? faultOfQuery(new URL(uri), ofAnswer) : undefined;
    if (fault !== undefined) throw invalidRedirectURI(`redirect_uris[${index}] ${fault}`, { came: uri });
  }
}
