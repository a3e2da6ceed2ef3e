/** Fetches a request object from a URL of its client. @see RFC 9101 §5.2 */
import { isText, listOf } from '../../clients/member.js';
import { type Fetch, fetchText } from '../../http/fetch-text.js';
import { invalidURI } from './invalid.js';

/** RFC 9101 §5.2: the URI SHOULD NOT be longer. */
const MAX_CHARACTERS = 512;

const ACCEPT = 'application/oauth-authz-req+jwt, application/jwt';

/** Whether a URL may be registered for an object: an https URL, which may have a fragment (OpenID Connect Registration §2). */
export function isObjectURL(uri: string): boolean {
  if (uri.length > MAX_CHARACTERS || !URL.canParse(uri)) return false;
  const { protocol, username, password } = new URL(uri);
  return protocol === 'https:' && username === '' && password === '';
}

/** @throws AuthorizationError `invalid_request_uri` for a URL that the client did not register, since a stranger could otherwise make this server send requests to any URL (§10.4) */
export function requireRegistered(uri: string, client: unknown): void {
  const registered = listOf(client, 'request_uris', isText) ?? [];
  if (!registered.includes(uri))
    throw invalidURI('The client did not register it', { came: uri, request_uris: registered });
  if (!isObjectURL(uri)) throw invalidURI('It is no https URL, or too long', { came: uri });
}

/**
 * Fetches the text at a URL, by `https` (§5.2), within limits of time and size, without redirects.
 *
 * @throws AuthorizationError `invalid_request_uri`
 */
export async function fetchObject(
  uri: string,
  limits: { readonly fetch: Fetch; readonly timeout: number },
): Promise<string> {
  try {
    const { status, text } = await fetchText(uri, { headers: { accept: ACCEPT } }, limits);
    if (status === 200) return text;
    throw new Error(`The answer has the status ${status}`); // redirects too
  } catch (error) {
    throw invalidURI(`It cannot be fetched: ${error}`, { came: uri });
  }
}
