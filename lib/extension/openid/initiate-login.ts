/** A login that begins here, and not at the client. @see OpenID Connect Core §4 */
import { textOf } from '../../clients/member.js';
import { isHTTPSOrLoopback } from '../../syntax/url.js';

/** What the client is told. */
export interface InitiatedLogin {
  /** The issuer identifier of this server. */
  readonly issuer: string;
  /** Who is to log in, as the client may send it back by `login_hint`. */
  readonly loginHint?: string | undefined;
  /** The page at the client that the user wants: of the origin of `initiate_login_uri`. The client must check it, too. */
  readonly targetLinkURI?: string | undefined;
}

/** Whether a client may register it. @see OpenID Connect Registration §2 */
function isLoginURI(uri: unknown): uri is string {
  return typeof uri === 'string' && URL.canParse(uri) && isHTTPSOrLoopback(new URL(uri));
}

/** @throws TypeError for a page elsewhere: a link of this server must lead nobody to another site. RFC 9700 §4.11 */
function requireOwnPage(uri: string, { origin }: URL): void {
  if (URL.canParse(uri) && new URL(uri).origin === origin) return;
  throw new TypeError(`targetLinkURI is a page of ${origin}, not ${uri}`);
}

/**
 * Where a user goes to be logged in at a client, for a page of yours with the applications that they can use. The client then sends an ordinary
 * authorization request.
 *
 * @param client as it is registered
 * @returns undefined for a client that did not register `initiate_login_uri`, or none that can be used
 * @throws TypeError for a `targetLinkURI` elsewhere than at the client
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
