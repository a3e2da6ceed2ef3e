/** Which redirect URIs a document may have. */
import { invalidRedirectURI } from '../../clients/invalid-metadata.js';
import { isHTTPSOrLoopback } from '../../syntax/url.js';

/** @throws OAuth2Error for a redirect URI that is neither https nor on the user's own machine. @param uris valid redirect URIs */
export function requireWebURIs(uris: readonly string[]): void {
  const other = uris.findIndex((uri) => !isHTTPSOrLoopback(new URL(uri)));
  if (other >= 0)
    throw invalidRedirectURI(`redirect_uris[${other}] must be an https URL, or an http URL on this machine`);
}
