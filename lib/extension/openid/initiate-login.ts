/** A login that begins here, and not at the client. @see OpenID Connect Core §4 */
import { textOf } from '../../clients/member.js';
import { isHTTPSOrLoopback } from '../../syntax/url.js';

/** The parameters that the client gets. */
export interface InitiatedLogin {
  /** The issuer identifier of this server. */
  readonly issuer: string;
  /** The user who is to log in. The client may send the value back as `login_hint`. */
  readonly loginHint?: string | undefined;
  /** The page of the client that the user wants. It must have the origin of `initiate_login_uri`; the client must check it, too. */
  readonly targetLinkURI?: string | undefined;
}

/** Whether a client may register this URI. @see OpenID Connect Registration §2 */
function isLoginURI(uri: unknown): uri is string {
  return typeof uri === 'string' && URL.canParse(uri) && isHTTPSOrLoopback(new URL(uri));
}

/** @throws TypeError for a page of another origin: the client would be an open redirector. RFC 9700 §4.11 */
function requireOwnPage(uri: string, { origin }: URL): void {
  if (URL.canParse(uri) && new URL(uri).origin === origin) return;
  throw new TypeError(`targetLinkURI is a page of ${origin}, not ${uri}`);
}

/**
 * The URL at which a user starts a login at a client, for a page of yours that lists applications. The client then sends an ordinary authorization request.
 *
 * @param client the registered client
 * @returns undefined if the client did not register a valid `initiate_login_uri`
 * @throws TypeError if `targetLinkURI` has another origin
 * @example const href = initiatedLoginURL(client, { issuer: 'https://op.example', loginHint: user.email });
 * @see OpenID Connect Core §4
 */
export function initiatedLoginURL(
  client: unknown,
  { issuer, loginHint, targetLinkURI }: InitiatedLogin,
): string | undefined {
  const registered = textOf(client, 'initiate_login_uri');
  if (!isLoginURI(registered)) return undefined;
  const url = new URL(registered);
  if (targetLinkURI !== undefined) requireOwnPage(targetLinkURI, url);
  const params = { iss: issuer, login_hint: loginHint, target_link_uri: targetLinkURI };
  for (const [name, value] of Object.entries(params)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}
