/** What is kept of clients whose documents were fetched, and never more than so many. */
import { OldestFirst } from '../../oldest-first.js';

/** The client of a document. All times are in epoch seconds. */
export interface Copy<C> {
  readonly client: C;
  /** When the document was fetched. */
  readonly at: number;
  /** Until when it is used without asking for the document again. */
  until: number;
  /** Until when it is used where the document cannot be had. */
  readonly last: number;
}

/** By identifier, the least recently used first. Clients that a user has allowed something are kept apart: documents of strangers push none of them out. */
export class Copies<C> {
  readonly #most: number;
  readonly #ofStrangers = new OldestFirst<Copy<C>>();
  readonly #ofKnown = new OldestFirst<Copy<C>>();

  /** @param most of each kind */
  constructor(most: number) {
    this.#most = most;
  }

  /** What is kept of a client, which becomes the most recently used one. */
  get(clientID: string): Copy<C> | undefined {
    const kept = this.#ofKnown.get(clientID) === undefined ? this.#ofStrangers : this.#ofKnown;
    const copy = kept.get(clientID);
    if (copy) kept.set(clientID, copy);
    return copy;
  }

  set(clientID: string, copy: Copy<C>, { isKnown }: { readonly isKnown: boolean }): void {
    const kept = isKnown ? this.#ofKnown : this.#ofStrangers;
    this.delete(clientID); // from where it was before
    kept.set(clientID, copy);
    kept.deleteWhile(() => kept.size > this.#most);
  }

  delete(clientID: string): void {
    this.#ofStrangers.delete(clientID);
    this.#ofKnown.delete(clientID);
  }
}
