/** Limits the number of stored clients, for all processes: each client takes one of a fixed number of numbered places. */
import { hash, randomInt } from 'node:crypto';
import type { TokenRecord, TokenStore } from '../../token-service/store.js';

/** How many random places are tried. If 90 % of the places are taken, one request of eight finds no free one. */
const TRIES = 20;

/** The ID of a place, made from its number. */
function idOf(place: number): string {
  const digest = hash('sha256', `place of a registered client:${place}`, 'base64url');
  return `${digest.slice(0, 3)}.${digest}`;
}

function recordOf(id: string, expiresAt: number): TokenRecord {
  return { id, kind: 'registered_client_place', authorizationID: id, clientID: '', expiresAt, data: null };
}

export class Room {
  readonly #store: TokenStore;
  readonly #places: number;

  constructor(store: TokenStore, places: number) {
    this.#store = store;
    this.#places = places;
  }

  /** Takes a free place until the given time. @returns undefined if none was found */
  async take(until: number, now: number): Promise<string | undefined> {
    for (let tries = 0; tries < TRIES; tries++) {
      const id = idOf(randomInt(this.#places));
      if (await this.#store.put([recordOf(id, until)], now)) return id;
    }
    return undefined;
  }

  /** Keeps a place for longer. If another client takes the place in between, both share it, and there is one client too many. */
  async extend(id: string, until: number, now: number): Promise<void> {
    await this.#store.remove(id);
    await this.#store.put([recordOf(id, until)], now);
  }

  async leave(id: string): Promise<void> {
    await this.#store.remove(id);
  }
}
