/** Keeps clients that registered themselves in the store of tokens, so that nobody needs a second one. */
import { hash } from 'node:crypto';
import { epoch } from '../../clock.js';
import { type OptionNames, requireCount, requireKnown } from '../../options.js';
import type { StoredRecord, TokenRecord, TokenStore } from '../../token-service/store.js';
import type { ClientRegistry, RegisteredClient } from './registered.js';
import { Room } from './room.js';

/** Options of `registeredClients()`. */
export interface RegisteredClientsOptions {
  /**
   * How many clients are kept at most. From nine tenths on some requests are refused before it is reached: a free place is looked for at random, twenty
   * times. Default 10,000.
   */
  readonly most?: number;
  /** The time in epoch seconds: that of the server. Default: the machine's clock. */
  readonly now?: () => number;
}

const KNOWN: OptionNames<RegisteredClientsOptions> = { most: true, now: true };

/** Of concurrent changes of one client one succeeds at each try. */
const TRIES = 10;

/** What a record has. */
interface Kept {
  readonly client: RegisteredClient;
  /** The place that it takes up. */
  readonly place: string;
}

/** A hundred years. Stores need a time at which a record ends. */
const FOREVER = 100 * 365 * 24 * 60 * 60;

function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** All versions of one client share the tag of their IDs, as a store needs it that is in parts. */
function tagFor(clientID: string): string {
  return digest(`registered client tag:${clientID}`).slice(0, 3);
}

/** Stands for the client in `list`: of its versions, only the last is not consumed. It is no user's subject. */
function subjectFor(clientID: string): string {
  return `registered client ${digest(clientID)}`;
}

function recordOf({ client, place }: Kept, now: number): TokenRecord {
  const { client_id: clientID, registration_version: version, registration_unused_until: end } = client;
  const tag = tagFor(clientID);
  return {
    id: `${tag}.${digest(`registered client:${clientID}:${version}`)}`,
    kind: 'registered_client',
    authorizationID: `${tag}.${digest(`registered client:${clientID}`)}`,
    clientID: '', // not among what the client was allowed, which ends without its registration
    subject: subjectFor(clientID),
    expiresAt: end ?? now + FOREVER,
    data: { client, place },
  };
}

function keptIn(record: StoredRecord | undefined): Kept | undefined {
  return record?.kind === 'registered_client' ? (record.data as Kept) : undefined;
}

class RegisteredClients implements ClientRegistry {
  readonly #store: TokenStore;
  readonly #room: Room;
  readonly #now: () => number;

  constructor(store: TokenStore, { most = 10_000, now = epoch }: RegisteredClientsOptions) {
    this.#store = store;
    this.#room = new Room(store, most);
    this.#now = now;
  }

  async #last(clientID: string): Promise<StoredRecord | undefined> {
    const [record] = await this.#store.list(subjectFor(clientID), this.#now());
    return record;
  }

  async find(clientID: string): Promise<RegisteredClient | undefined> {
    return keptIn(await this.#last(clientID))?.client;
  }

  async create(client: RegisteredClient): Promise<boolean> {
    const now = this.#now();
    const { registration_unused_until: end = now + FOREVER } = client;
    const place = await this.#room.take(end, now);
    if (place === undefined) return false;
    return this.#store.put([recordOf({ client, place }, now)], now);
  }

  async update(client: RegisteredClient): Promise<boolean> {
    const [last, now] = [await this.#last(client.client_id), this.#now()];
    const kept = keptIn(last);
    if (!last || kept?.client.registration_version !== client.registration_version - 1) return false;
    const next = recordOf({ client, place: kept.place }, now);
    const consumed = await this.#store.consume(last.id, { now, next: [next], keepUntil: now });
    if (consumed?.first !== true) return false;
    if (next.expiresAt > last.expiresAt) await this.#room.extend(kept.place, next.expiresAt, now);
    return true;
  }

  async remove(clientID: string): Promise<RegisteredClient | undefined> {
    for (let tries = 0; tries < TRIES; tries++) {
      const [last, now] = [await this.#last(clientID), this.#now()];
      if (!last) return undefined;
      // consumed without a successor: an update that read the same version fails
      const consumed = await this.#store.consume(last.id, { now, keepUntil: now });
      const kept = keptIn(last);
      if (consumed?.first !== true || !kept) continue;
      await this.#room.leave(kept.place);
      return kept.client;
    }
    throw new Error('The client is changed all the time, and cannot be removed');
  }
}

/**
 * Keeps clients that registered themselves in a store of `koauthorize/tokens`: `memoryStore()`, `lmdbStore()`, `postgresStore()`, `redisStore()`, or a
 * `partition` of one. It may be the store of the tokens.
 *
 * Of concurrent changes of one client, in whatever process, one succeeds. Each look-up of a client is one call of `list`.
 *
 * @throws TypeError for a `most` that is no number of clients
 * @example
 * const store = lmdbStore({ path });
 * const tokens = tokenService<RegisteredClient, User>({ store });
 * server.extend(clientRegistration({ clients: registeredClients(store), allowAnyone: true }));
 */
export function registeredClients(store: TokenStore, options: RegisteredClientsOptions = {}): ClientRegistry {
  requireKnown<RegisteredClientsOptions>(options, KNOWN, 'registeredClients');
  const { most = 1 } = options;
  requireCount('registeredClients({ most })', most, 1);
  return new RegisteredClients(store, options);
}
