/** Records that a client has been given its first tokens, so that it is not removed as unused. */
import { memberOf } from '../../clients/member.js';
import type { Core } from '../../core.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { reasoned } from '../../errors/reason.js';
import { recentlyUsed } from '../../oldest-first.js';
import type { ClientTerms } from '../../plugs.js';
import type { FindRegistered } from './find.js';
import type { ClientRegistry } from './registered.js';

/** How many clients with a recorded use a process remembers. */
const MAX_REMEMBERED = 1000;

/** How often the change is tried: of concurrent changes of one registration, one succeeds. */
const TRIES = 3;

/** Whether the client had registered itself when its request began. */
export function isRegistered(client: unknown): boolean {
  return typeof memberOf(client, 'registration_version') === 'number';
}

/** RFC 7592 §2.3: the tokens of a removed client have been ended. Tokens that are issued now would outlive the client, so they are refused. */
function removed(clientID: string): OAuth2Error {
  const error = new OAuth2Error('The client is no longer registered', 'unauthorized_client', undefined, 400);
  return reasoned(error, 'It was removed, or expired unused, while its request was answered', {
    client_id: clientID,
  });
}

/**
 * For tokens without a code. The removal of a client ends the authorizations that it finds. Tokens that are stored after this search would stay valid without
 * this check.
 *
 * @throws OAuth2Error `unauthorized_client` if the client was removed while the tokens were issued
 */
export function confirmation<C, U>(core: Core<C, U>, find: FindRegistered, client: C): ClientTerms | undefined {
  if (!isRegistered(client)) return undefined;
  const clientID = core.clientID(client) ?? '';
  return {
    async confirm() {
      if (!(await find(clientID))) throw removed(clientID);
    },
  };
}

/**
 * @returns a function that throws OAuth2Error `unauthorized_client` for a client that was removed in the meantime, and Error if the use cannot be recorded. In
 * both cases the client gets no tokens
 */
export function useNoter<C, U>(
  core: Core<C, U>,
  clients: ClientRegistry,
  find: FindRegistered,
): (client: C) => Promise<void> {
  const known = recentlyUsed(MAX_REMEMBERED, () => ({ isNoted: false }));
  const note = async (clientID: string, client: C): Promise<boolean> => {
    const registered = await find(clientID);
    if (!registered && isRegistered(client)) throw removed(clientID);
    if (registered?.registration_unused_until === undefined) return true; // a client of the application, or one that was used before
    const { registration_unused_until: _, ...kept } = registered;
    return clients.update({ ...kept, registration_version: kept.registration_version + 1 });
  };
  return async (client) => {
    const clientID = core.clientID(client) ?? '';
    const state = known(clientID);
    for (let tries = 0; !state.isNoted && tries < TRIES; tries++)
      state.isNoted = (await note(clientID, client)) === true;
    if (!state.isNoted) throw new Error(`The first use of the client ${clientID} cannot be noted`);
  };
}
