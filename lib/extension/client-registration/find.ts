/** Finds the clients that registered themselves. */
import type { Core } from '../../core.js';
import { random } from '../../secrets/random.js';
import type { ClientRegistry, RegisteredClient } from './registered.js';

const BYTES = 18;

/** 144 random bits in base64url, which no URL of another kind of client begins like. */
const ID = /^[\w-]{24}$/;

export function newClientID(): string {
  return random(BYTES);
}

export type FindRegistered = (clientID: string) => Promise<RegisteredClient | undefined>;

/** Looks up what can be an identifier of ours. A client that nobody has used in time is gone. */
export function finder<C, U>(core: Core<C, U>, clients: ClientRegistry): FindRegistered {
  return async (clientID) => {
    if (!ID.test(clientID)) return undefined;
    const found = (await clients.find(clientID)) || undefined;
    if (found?.client_id !== clientID) return undefined; // a database that ignores case may have found another client
    const { registration_unused_until: end = Number.POSITIVE_INFINITY } = found;
    return core.now() < end ? found : undefined;
  };
}
