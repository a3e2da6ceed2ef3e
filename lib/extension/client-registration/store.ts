/** Keeps clients that registered themselves in the token store, so that an application needs no second store. */
import { hash } from 'node:crypto';
import { epoch } from '../../clock.js';
import { type OptionNames, requireCount, requireKnown } from '../../options.js';
import { reservedSubject } from '../../token-service/reserved.js';
import type { StoredRecord, TokenRecord, TokenStore } from '../../token-service/store.js';
import type { ClientRegistry, RegisteredClient } from './registered.js';
import { Room } from './room.js';

/** Options of `registeredClients()`. */
export interface RegisteredClientsOptions {
  /**
   * How many clients are stored at most. Once nine tenths of the places are taken, some requests are refused, since a free place is searched for at random, and
   * at most twenty times. Default 10,000.
   */
  readonly most?: number;
  /** The time in epoch seconds, from the same clock as the server's. Default: the machine's clock. */
  readonly now?: () => number;
}

const KNOWN: OptionNames<RegisteredClientsOptions> = { most: true, now: true };

/** How often a removal is tried: of concurrent changes of one client, one succeeds at each try. */
const TRIES = 10;

const KIND = 'registered_client';

/** The content of a record. */
interface Kept {
  readonly client: RegisteredClient;
  /** The place that the client takes up. */
  readonly place: string;
}

/** A hundred years. Stores need a time at which a record ends. */
const FOREVER = 100 * 365 * 24 * 60 * 60;

function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** The first part of the IDs of all versions of one client: a store with several partitions keeps IDs with the same tag together. */
function tagFor(clientID: string): string {
  return digest(`registered client tag:${clientID}`).slice(0, 3);
}

/** The subject of all versions of a client: `list` finds the client by it. All versions but the last one are consumed. */
function subjectFor(clientID: string): string {
  return reservedSubject('registered client', digest(clientID));
}

function recordOf({ client, place }: Kept, now: number): TokenRecord {
  const { client_id: clientID, registration_version: version, registration_unused_until: end } = client;
  const tag = tagFor(clientID);
  return {
    id: `${tag}.${digest(`registered client:${clientID}:${version}`)}`,
    kind: KIND,
    authorizationID: `${tag}.${digest(`registered client:${clientID}`)}`,
    clientID: '', // so that the registration does not end together with the authorizations of the client
    subject: subjectFor(clientID),
    expiresAt: end ?? now + FOREVER,
    data: { client, place },
  };
}

function keptIn({ data }: StoredRecord): Kept {
  return data as Kept;
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
    const records = await this.#store.list(subjectFor(clientID), this.#now());
    return records.find(({ kind }) => kind === KIND);
  }

  async find(clientID: string): Promise<RegisteredClient | undefined> {
    const last = await this.#last(clientID);
    return last && keptIn(last).client;
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
    if (!last) return false;
    const { client: earlier, place } = keptIn(last);
    if (earlier.registration_version !== client.registration_version - 1) return false;
    const next = recordOf({ client, place }, now);
    const consumed = await this.#store.consume(last.id, { now, next: [next], keepUntil: now });
    if (consumed?.first !== true) return false;
    if (next.expiresAt > last.expiresAt) await this.#room.extend(place, next.expiresAt, now);
    return true;
  }

  async remove(clientID: string): Promise<RegisteredClient | undefined> {
    for (let tries = 0; tries < TRIES; tries++) {
      const [last, now] = [await this.#last(clientID), this.#now()];
      if (!last) return undefined;
      // consumed without a successor: an update that read the same version fails
      const consumed = await this.#store.consume(last.id, { now, keepUntil: now });
      if (consumed?.first !== true) continue;
      const { client, place } = keptIn(last);
      await this.#room.leave(place);
      return client;
    }
    throw new Error('The client is changed all the time, and cannot be removed');
  }
}

/**
 * Keeps clients that registered themselves in a store of `koauthorize/tokens`: `memoryStore()`, `lmdbStore()`, `postgresStore()`, `redisStore()`, or a
 * `partition` of one. It may be the store of the tokens.
 *
 * Of concurrent changes of one client, also in different processes, exactly one succeeds. Each look-up of a client is one call of `list`.
 *
 * @throws TypeError if `most` is not a number of clients
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
