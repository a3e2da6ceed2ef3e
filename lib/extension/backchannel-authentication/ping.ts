/** Tells a client that its user has decided. @see CIBA §10.2 */
import type { Context } from 'koa';
import { textOf } from '../../clients/member.js';
import { tellError } from '../../errors/tell.js';
import { toError } from '../../errors/to-oauth2-error.js';
import { fetchText } from '../../http/fetch-text.js';
import { type ClientKeysOptions, fetchForClients } from '../../keys/client-keys.js';
import { isSecureURL } from '../../syntax/url.js';
import type { Notification } from './kept.js';
import { MODE, NOTIFICATION_ENDPOINT } from './names.js';

/** §10.2 */
const TAKEN: ReadonlySet<number> = new Set([204, 200]);

/** §4, §9: an https URL; also http on this machine, for development. */
export function isNotificationURL(url: unknown): url is string {
  return typeof url === 'string' && isSecureURL(url);
}

/** Starts to notify a client, and does not wait for the end: the client may poll, too. A failure is reported to the operator. */
export type Ping<C> = (ctx: Context, client: C, notification: Notification | undefined) => void;

export function pinging<C>(options: Pick<ClientKeysOptions<C>, 'fetch' | 'fetchTimeout' | 'allowHTTP'>): Ping<C> {
  const limits = { fetch: fetchForClients(options), timeout: options.fetchTimeout ?? 5 };
  const post = async (client: C, { authReqID, token }: Notification): Promise<void> => {
    const url = textOf(client, NOTIFICATION_ENDPOINT);
    if (!isNotificationURL(url)) throw new Error('it registered no https URL');
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ auth_req_id: authReqID });
    const { status } = await fetchText(url, { method: 'POST', headers, body }, limits); // MUST NOT follow redirects
    if (!TAKEN.has(status)) throw new Error(`it answered ${status}`);
  };
  return (ctx, client, notification) => {
    if (!notification || textOf(client, MODE) !== 'ping') return; // its registration may have changed
    post(client, notification).catch((cause) => {
      const why = `A client was not told by ping that its user has decided: ${toError(cause).message}`;
      tellError(ctx.app, new Error(why, { cause }), ctx);
    });
  };
}
