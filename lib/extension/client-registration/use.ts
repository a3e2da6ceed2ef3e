/** Notes that a client has been given its first tokens: from then on it stays. */
import type { Core } from '../../core.js';
import { recentlyUsed } from '../../oldest-first.js';
import type { FindRegistered } from './find.js';
import type { ClientRegistry } from './registered.js';

/** Clients of which this process remembers that there is nothing to note. */
const MAX_REMEMBERED = 1000;

/** Of concurrent changes of one registration one succeeds. */
const TRIES = 3;

/** @returns a function that throws Error where it cannot be noted, so that the client is given no tokens now */
export function useNoter<C, U>(
  core: Core<C, U>,
  clients: ClientRegistry,
  find: FindRegistered,
): (client: C) => Promise<void> {
  const known = recentlyUsed(MAX_REMEMBERED, () => ({ isNoted: false }));
  const note = async (clientID: string): Promise<boolean> => {
    const registered = await find(clientID);
    if (registered?.registration_unused_until === undefined) return true; // a client of the application, or one that was used before
    const { registration_unused_until: _, ...kept } = registered;
    return clients.update({ ...kept, registration_version: kept.registration_version + 1 });
  };
  return async (client) => {
    const clientID = core.clientID(client) ?? '';
    const state = known(clientID);
    for (let tries = 0; !state.isNoted && tries < TRIES; tries++) state.isNoted = (await note(clientID)) === true;
    if (!state.isNoted) throw new Error(`The first use of the client ${clientID} cannot be noted`);
  };
}
