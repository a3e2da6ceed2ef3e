/** Checks the members of a registration that logouts use. */
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import { isText } from '../../clients/member.js';
import { isUsable } from '../../clients/redirect-uri.js';
import type { Core } from '../../core.js';
import { isHTTPSOrLoopback, isSecureURL, parameterIn } from '../../syntax/url.js';
import type { ClientMetadata } from '../../types.js';
import { isOfClient } from './front-channel.js';

function isURIs(value: unknown): boolean {
  return Array.isArray(value) && value.every((uri) => isText(uri) && isUsable(uri));
}

const SWITCHES = ['backchannel_logout_session_required', 'frontchannel_logout_session_required'] as const;

/** The members of a registration that are read here. */
export const REGISTERED: readonly (keyof ClientMetadata)[] = [
  ...SWITCHES,
  ...(['post_logout_redirect_uris', 'backchannel_logout_uri', 'frontchannel_logout_uri'] as const),
];

/** A fault if a URI already has a parameter that the server adds, so that it would come twice. RP-Initiated Logout §3, Front-Channel Logout §2 */
function doubledIn({ post_logout_redirect_uris: uris = [], frontchannel_logout_uri: front }: ClientMetadata) {
  const isDoubled = uris.some((uri) => parameterIn(new URL(uri), ['state']));
  if (isDoubled) return 'post_logout_redirect_uris must not have state in a query';
  const name = front && parameterIn(new URL(front), ['iss', 'sid']);
  return name && `frontchannel_logout_uri must not have ${name} in its query`;
}

/** RP-Initiated Logout §3.1: http only for confidential clients. Loopback hosts, and schemes of programs, need no network. */
function isExposed({
  token_endpoint_auth_method: method,
  post_logout_redirect_uris: uris = [],
}: ClientMetadata): boolean {
  const isPlain = (url: URL): boolean => url.protocol === 'http:' && !isHTTPSOrLoopback(url);
  return method === 'none' && uris.some((uri) => isPlain(new URL(uri)));
}

/** What the check of a registration needs to know of the server. */
type Known = Pick<Core, 'knowsLogins'>;

function faultOf(metadata: ClientMetadata, { knowsLogins }: Known): string | undefined {
  const { post_logout_redirect_uris: uris, backchannel_logout_uri: back, frontchannel_logout_uri: front } = metadata;
  if (uris !== undefined && !isURIs(uris)) return 'post_logout_redirect_uris must be an array of absolute URIs';
  if (isExposed(metadata))
    return 'post_logout_redirect_uris of a public client must not be http, except on a loopback host';
  if (back !== undefined && !(isText(back) && isSecureURL(back)))
    return 'backchannel_logout_uri must be an https URL without a fragment'; // Back-Channel Logout §2.2
  if (front !== undefined && !(isText(front) && isOfClient(metadata.redirect_uris ?? [], front)))
    return 'frontchannel_logout_uri must be an https URL of the same host and port as a redirect URI'; // Front-Channel Logout §2
  const doubled = doubledIn(metadata);
  if (doubled) return doubled;
  const wrong = SWITCHES.find((name) => metadata[name] !== undefined && typeof metadata[name] !== 'boolean');
  if (wrong !== undefined) return `${wrong} must be true or false`;
  // Back-Channel Logout §2.1, Front-Channel Logout §3: the metadata says that sessions are not supported then
  const needed = SWITCHES.find((name) => metadata[name] === true && !knowsLogins);
  return needed && `${needed}: sessions are not supported`;
}

/** @throws OAuth2Error `invalid_client_metadata`. @see RFC 7591 §3.2.2 */
export function judgeRegistration(metadata: ClientMetadata, known: Known): ClientMetadata {
  const fault = faultOf(metadata, known);
  if (fault !== undefined) throw invalidMetadata(fault);
  return metadata;
}
