/** Bounds how many clients are kept, in all processes: each takes up one of so many numbered places. */
import { hash, randomInt } from 'node:crypto';
import type { TokenRecord, TokenStore } from '../../token-service/store.js';

/** Places that are tried. Where nine of ten are taken, one request of eight finds none. */
const TRIES = 20;

/** A place has an ID of its own, which its number gives. */
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

  /** Takes a free place until then. @returns undefined where none was found */
  async take(until: number, now: number): Promise<string | undefined> {
    for (let tries = 0; tries < TRIES; tries++) {
      const id = idOf(randomInt(this.#places));
      if (await this.#store.put([recordOf(id, until)], now)) return id;
    }
    return undefined;
  }

  /** Keeps a place for longer. Should another client take it in between, there is one client more than places. */
  async extend(id: string, until: number, now: number): Promise<void> {
    await this.#store.remove(id);
    await this.#store.put([recordOf(id, until)], now);
  }

  async leave(id: string): Promise<void> {
    await this.#store.remove(id);
  }
}
