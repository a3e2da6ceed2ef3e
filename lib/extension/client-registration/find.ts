/** Finds the clients that registered themselves. */
import type { Core } from '../../core.js';
import { random } from '../../secrets/random.js';
import type { ClientRegistry, RegisteredClient } from './registered.js';

const BYTES = 18;

/** 144 random bits in base64url. No URL has this form. */
const ID = /^[\w-]{24}$/;

export function newClientID(): string {
  return random(BYTES);
}

export type FindRegistered = (clientID: string) => Promise<RegisteredClient | undefined>;

/** Looks up identifiers that have the form of a registered client's. A client that was not used in time counts as removed. */
export function finder<C, U>(core: Core<C, U>, clients: ClientRegistry): FindRegistered {
  return async (clientID) => {
    if (!ID.test(clientID)) return undefined;
    const found = (await clients.find(clientID)) || undefined;
    if (found?.client_id !== clientID) return undefined; // a database that ignores case may find another client
    const { registration_unused_until: end = Number.POSITIVE_INFINITY } = found;
    return core.now() < end ? found : undefined;
  };
}
