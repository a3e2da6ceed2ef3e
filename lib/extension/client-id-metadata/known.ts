/** Remembers, for all processes, to which clients a user has given consent: their documents are fetched at every endpoint. */
import type { Core } from '../../core.js';
import { recentlyUsed } from '../../oldest-first.js';
import type { EphemeralStore } from '../../plugs.js';

/** How many clients a process remembers to have written to the store, so that it does not write them again. */
const MAX_WRITTEN = 1000;

function keyOf(clientID: string, span: number): string {
  return JSON.stringify(['client id metadata', clientID, span]);
}

/**
 * Time is divided into spans, so that a client is written once in each. A client is remembered until the end of the span that follows the one of its last
 * tokens.
 */
export class KnownClients<C, U> {
  readonly #core: Core<C, U>;
  /** In seconds. */
  readonly #span: number;
  readonly #ownStore: EphemeralStore | undefined;
  readonly #written = recentlyUsed(MAX_WRITTEN, () => ({ span: -1 }));

  /** @param rememberedFor seconds for which a client is remembered at least */
  constructor(core: Core<C, U>, rememberedFor: number, ownStore: EphemeralStore | undefined) {
    this.#core = core;
    this.#span = rememberedFor;
    this.#ownStore = ownStore;
  }

  /** @throws Error if there is no store */
  get store(): EphemeralStore {
    const store = this.#ownStore ?? this.#core.tokens?.ephemeral;
    if (store) return store;
    throw new Error(
      'clientIDMetadata() has no store: createServer({ tokens }), or clientIDMetadata({ store: ephemeralStore(store) })',
    );
  }

  get #current(): number {
    return Math.floor(this.#core.now() / this.#span);
  }

  async has(clientID: string): Promise<boolean> {
    const span = this.#current;
    for (const one of [span, span - 1]) {
      if ((await this.store.get(keyOf(clientID, one))) !== undefined) return true;
    }
    return false;
  }

  async remember(clientID: string): Promise<void> {
    const span = this.#current;
    const written = this.#written(clientID);
    if (written.span === span) return;
    await this.store.add(keyOf(clientID, span), true, (span + 2) * this.#span); // false if another process was first
    written.span = span;
  }
}
