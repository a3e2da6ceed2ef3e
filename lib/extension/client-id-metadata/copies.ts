/** Keeps the clients whose metadata documents were fetched, in a bounded number. */
import { OldestFirst } from '../../oldest-first.js';

/** The client of a document. All times are in epoch seconds. */
export interface Copy<C> {
  readonly client: C;
  /** When the document was fetched. */
  readonly at: number;
  /** Until then the copy is used without another fetch. */
  until: number;
  /** Until then the copy is used if the document cannot be fetched. */
  readonly last: number;
}

/**
 * By identifier, the least recently used first. Clients that a user has authorized are kept separately, so that documents of strangers cannot displace them.
 */
export class Copies<C> {
  readonly #most: number;
  readonly #ofStrangers = new OldestFirst<Copy<C>>();
  readonly #ofKnown = new OldestFirst<Copy<C>>();

  /** @param most the most clients that a user has authorized, and the most other clients */
  constructor(most: number) {
    this.#most = most;
  }

  /** The copy of a client, which becomes the most recently used one. */
  get(clientID: string): Copy<C> | undefined {
    const kept = this.#ofKnown.get(clientID) === undefined ? this.#ofStrangers : this.#ofKnown;
    const copy = kept.get(clientID);
    if (copy) kept.set(clientID, copy);
    return copy;
  }

  set(clientID: string, copy: Copy<C>, { isKnown }: { readonly isKnown: boolean }): void {
    const kept = isKnown ? this.#ofKnown : this.#ofStrangers;
    this.delete(clientID); // the client may have been a stranger, or known, before
    kept.set(clientID, copy);
    kept.deleteWhile(() => kept.size > this.#most);
  }

  delete(clientID: string): void {
    this.#ofStrangers.delete(clientID);
    this.#ofKnown.delete(clientID);
  }
}
