/** Which redirect URIs a document may have. */
import { isUsable } from '../../clients/redirect-uri.js';
import { isHTTPSOrLoopback } from '../../syntax/url.js';
import { invalid } from './fault.js';

/** RFC 8252 §7.1: a domain of the developer's, in reverse, so that another app does not have the same scheme by chance. */
const PRIVATE = /^[a-z][a-z\d+-]*(?:\.[a-z\d+-]+)+:$/;

function isAllowed(uri: unknown, allowPrivateSchemes: boolean | undefined): uri is string {
  if (typeof uri !== 'string' || !isUsable(uri)) return false;
  const url = new URL(uri);
  if (url.username || url.password) return false;
  return isHTTPSOrLoopback(url) || (allowPrivateSchemes === true && PRIVATE.test(url.protocol));
}

/** @throws OAuth2Error for a list that is none or empty, and for a URI that leads elsewhere than to an https host or to the user's own machine */
export function requireRedirectURIs(
  uris: unknown,
  { allowPrivateSchemes }: { readonly allowPrivateSchemes?: boolean | undefined },
): readonly string[] {
  if (!Array.isArray(uris) || uris.length === 0) throw invalid('redirect_uris must be an array of one or more strings');
  const wrong = uris.findIndex((uri) => !isAllowed(uri, allowPrivateSchemes));
  if (wrong >= 0) throw invalid(`redirect_uris[${wrong}] must be an https URL, or an http URL on this machine`);
  return uris;
}
