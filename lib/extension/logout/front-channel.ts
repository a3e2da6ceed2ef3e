/** Pages of clients that end their sessions in the user's browser. @see OpenID Connect Front-Channel Logout §2, §3 */
import type { Context } from 'koa';
import { textOf } from '../../clients/member.js';
import type { Core } from '../../core.js';
import { isSecureURL } from '../../syntax/url.js';
import { attempt } from './attempt.js';
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

/** The URLs for the iframes of the logged-out page. A client that needs `sid` and gets none is left out, and the operator is told. */
export async function frontChannelURLs<C, U>(
  core: Core<C, U>,
  ctx: Context,
  over: OverSession<C>,
): Promise<readonly string[]> {
  const urls = over.clients.map(async ([clientID, client]) => {
    const uri = textOf(client, 'frontchannel_logout_uri');
    if (!uri || !isOfClient(core.redirectURIs(client) ?? [], uri)) return [];
    const sids = await attempt(ctx, () => sidsFor(over, [clientID, client], 'frontchannel_logout_session_required'));
    return (sids ?? []).map((sid) => withSession(uri, core.issuer, sid));
  });
  return (await Promise.all(urls)).flat();
}
