/** Posts logout tokens to clients. @see OpenID Connect Back-Channel Logout §2.5, §2.8 */
import { textOf } from '../../clients/member.js';
import type { Core } from '../../core.js';
import { fetchText } from '../../http/fetch-text.js';
import { NotPublicError, publicFetchFor } from '../../http/public-fetch.js';
import { isSecureURL } from '../../syntax/url.js';
import { PAUSES, pause } from './insist.js';
import { type Over, signLogoutToken } from './logout-token.js';
import type { LogoutOptions } from './options.js';
import { Turns } from './turns.js';

/** §2.8: 200. Frameworks answer 204 if the body is empty. */
const TAKEN: ReadonlySet<number> = new Set([200, 204]);

/** Whether a later try may succeed. §2.8: with 400, the client says that the token is not valid. */
function isTemporary(status: number): boolean {
  return status >= 500 || status === 429;
}

/** The URL for logout tokens of a client; undefined if it registered none. @throws Error if the client registered something else than an https URL */
export function backChannelOf(client: unknown, clientID: string): string | undefined {
  const uri = textOf(client, 'backchannel_logout_uri');
  if (uri === undefined || isSecureURL(uri)) return uri;
  throw new Error(`backchannel_logout_uri of the client ${clientID} is no https URL`);
}

/** The error that tells the operator that a client was not notified. */
export function notTold(clientID: string, why: string, cause?: unknown): Error {
  return new Error(`The client ${clientID} was not told of a logout: ${why}`, { cause });
}

/** Notifies a client, at its `backchannel_logout_uri`, that a session is over. */
export type Tell<C> = (uri: string, client: C, over: Over) => Promise<void>;

/**
 * Sends logout tokens, with three tries at most. Each try has a new token: if the response to a token was lost, the client may refuse the same token again
 * because of its `jti`.
 *
 * @returns a function that throws Error if a client could not be notified
 */
export function backChannel<C, U>(
  core: Core<C, U>,
  { fetch, timeout = 5 }: Pick<LogoutOptions, 'fetch' | 'timeout'>,
): Tell<C> {
  const turns = new Turns();
  const usual = () => publicFetchFor(core.issuer); // the issuer may be set after this extension is plugged in
  const post = async (uri: string, client: C, over: Over): Promise<number> => {
    const token = await signLogoutToken(core, client, over);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ logout_token: token }).toString();
    return (await fetchText(uri, { method: 'POST', headers, body }, { fetch: fetch ?? usual(), timeout })).status;
  };
  return async (uri, client, over) => {
    const fault = (why: string, cause?: unknown) => notTold(over.clientID, why, cause);
    let last = fault('it was not tried');
    for (const milliseconds of [0, ...PAUSES]) {
      if (milliseconds > 0) await pause(milliseconds);
      try {
        const status = await turns.take({ user: over.user, host: new URL(uri).host }, () => post(uri, client, over));
        if (TAKEN.has(status)) return;
        last = fault(`it answered ${status}`);
        if (!isTemporary(status)) break;
      } catch (error) {
        if (error instanceof NotPublicError)
          throw fault(`${error.message}: say logout({ fetch }) if it is meant`, error);
        last = fault(String(error), error);
      }
    }
    throw last;
  };
}
