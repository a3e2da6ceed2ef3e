/** Pages of clients that end their sessions in the user's browser. @see OpenID Connect Front-Channel Logout §2, §3 */
import { textOf } from '../../clients/member.js';
import type { Core } from '../../core.js';
import { isSecureURL } from '../../syntax/url.js';
import type { OverSession } from './over-session.js';
import { sidsFor } from './sid.js';

/** §2: its scheme, host and port MUST be those of a registered redirect URI. */
export function isOfClient(redirectURIs: readonly string[], uri: string): boolean {
  if (!isSecureURL(uri)) return false;
  const { origin } = new URL(uri);
  return redirectURIs.some((one) => URL.canParse(one) && new URL(one).origin === origin);
}

/** §2: `iss` comes with `sid`. */
function withSession(uri: string, iss: string | undefined, sid: string | undefined): string {
  if (iss === undefined || sid === undefined) return uri;
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ iss, sid })}`;
}

/** The URLs of a client for the iframes of the logged-out page. @throws Error if the client needs `sid` and none is known: the client is then left out */
export function frontChannelURLs<C, U>(
  core: Core<C, U>,
  over: OverSession,
  [clientID, client]: readonly [clientID: string, client: C],
): readonly string[] {
  const uri = textOf(client, 'frontchannel_logout_uri');
  if (!uri || !isOfClient(core.redirectURIs(client) ?? [], uri)) return [];
  const sids = sidsFor(over, [clientID, client], 'frontchannel_logout_session_required');
  return sids.map((sid) => withSession(uri, core.issuer, sid));
}
