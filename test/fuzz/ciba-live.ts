/** Users who are asked on their own device: requests that wait, and those that were answered. */

import type { FuzzClient } from './clients.js';
import { getting, posting } from './drafting.js';
import type { Ways } from './grants-live.js';
import type { Makers } from './live.js';

/** The header by which the house says what a user was asked by. */
export const ASKED = 'X-Asked';

interface Waiting {
  readonly authReqID: string;
  /** What the user is asked by. */
  readonly id: string;
}

/** A page that was opened in a browser of its own. */
interface Shown {
  readonly dialogID: string;
  readonly cookie: string;
}

export function cibaMakers({ send, ask }: Pick<Ways, 'send' | 'ask'>): Makers {
  const begun = new Map<string, Promise<Waiting>>();
  const shown = new Map<string, Promise<Shown>>();
  const begin = async (client: FuzzClient): Promise<Waiting> => {
    const form = { scope: 'openid read', login_hint: 'alice' };
    const { auth_req_id, asked } = await ask('/backchannel_authentication', client, form);
    return { authReqID: String(auth_req_id), id: String(asked) };
  };
  const show = async ({ id }: Waiting): Promise<Shown> => {
    const { text, all } = await send(getting('/backchannel', { id }));
    const cookie = all('set-cookie').map((one) => one.split(';')[0]);
    const { dialogID } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return { dialogID: String(dialogID), cookie: cookie.join('; ') };
  };
  const once = <T>(known: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> => {
    const made = known.get(name) ?? make();
    known.set(name, made);
    return made;
  };
  const waitingOf = (name: string, client: FuzzClient) => once(begun, name, () => begin(client));
  const pageOf = (name: string, client: FuzzClient) =>
    once(shown, name, async () => show(await waitingOf(name, client)));
  return {
    async authreq(name, client) {
      const { authReqID } = await waitingOf(name, client);
      if (!name.endsWith('!allowed')) return authReqID;
      const { dialogID, cookie } = await pageOf(name, client);
      await send(posting('/backchannel/decision', { dialog_id: dialogID }, { Cookie: cookie }));
      return authReqID;
    },
    askid: async (name, client) => (await waitingOf(name, client)).id,
    dialogid: async (name, client) => (await pageOf(name, client)).dialogID,
    dialogcookie: async (name, client) => (await pageOf(name, client)).cookie,
  };
}
