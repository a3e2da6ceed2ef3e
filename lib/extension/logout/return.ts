/** Where the browser may be sent after a logout. @see OpenID Connect RP-Initiated Logout §3 */
import { isText, listOf } from '../../clients/member.js';
import { isUsable } from '../../clients/redirect-uri.js';

/** §3: the value MUST exactly match a registered one. The same URI with another query or port is another URI. */
export function isRegistered(client: unknown, uri: string): boolean {
  const registered = listOf(client, 'post_logout_redirect_uris', isText) ?? [];
  return registered.includes(uri) && isUsable(uri);
}

/** §3: `state` is returned as it was sent. Nothing else is added. */
export function withState(uri: string, state: string | undefined): string {
  if (state === undefined) return uri;
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`;
}
