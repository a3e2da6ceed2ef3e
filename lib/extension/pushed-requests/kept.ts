/** Stores pushed requests. */
import { CLOCK_SKEW } from '../../clock.js';
import type { Core } from '../../core.js';
import { BadRequestError } from '../../errors/bad-request-error.js';
import type { EphemeralStore } from '../../plugs.js';
import { random } from '../../secrets/random.js';
import { DIALOG_LIFETIME } from '../../transaction/answered.js';
import type { AuthorizationRequest } from '../../types.js';

/** RFC 9126 §2.2: the form of a request URI. */
export const PREFIX = 'urn:ietf:params:oauth:request_uri:';

/** RFC 9126 §2.2: MUST be impossible to guess. In bytes. */
const RANDOM_BYTES = 32;

/** The most characters of a checked request as JSON. A body parser of the application may accept larger bodies than the toolkit. */
const MAX_CHARACTERS = 64 * 1024;

interface Pushed {
  /** The server that checked the request: another server of the same application may have other rules. */
  readonly server: string;
  /** Epoch seconds until which a browser may come with the request URI. */
  readonly openUntil: number;
  readonly request: AuthorizationRequest;
}

/** A pushed request that a browser opens. The browser is in time if `late` is less than 0. */
interface Opened {
  readonly request: AuthorizationRequest;
  readonly late: number;
}

function keyOf(uri: string): string {
  return `pushed request ${uri}`;
}

/**
 * The pushed requests. Each has one record until it is answered: the first answer removes it, so that of several dialogs for one request only one is answered.
 * A request can be opened for `lifetime` seconds, as often as the browser loads the page. The record is kept for longer, since a dialog that was opened in the
 * last of these seconds may still wait for its answer.
 */
export class PushedRequests<C, U> {
  readonly #core: Core<C, U>;
  readonly #lifetime: number;
  readonly #ownStore: EphemeralStore | undefined;

  /** @param lifetime in seconds */
  constructor(core: Core<C, U>, lifetime: number, ownStore: EphemeralStore | undefined) {
    this.#core = core;
    this.#lifetime = lifetime;
    this.#ownStore = ownStore;
  }

  /** @throws Error if there is no store */
  get store(): EphemeralStore {
    const store = this.#ownStore ?? this.#core.tokens?.ephemeral;
    if (!store)
      throw new Error(
        'pushedRequests() has no store: createServer({ tokens }), or pushedRequests({ store: ephemeralStore(store) })',
      );
    return store;
  }

  /** Stores a request. @returns its request URI. @throws BadRequestError 413 if the request is too large */
  async push(request: AuthorizationRequest): Promise<string> {
    const text = JSON.stringify(request);
    if (text.length > MAX_CHARACTERS) throw new BadRequestError('The authorization request is too large', 413); // RFC 9126 §2.3
    const [uri, now] = [`${PREFIX}${random(RANDOM_BYTES)}`, this.#core.now()];
    const openUntil = now + this.#lifetime;
    const pushed: Pushed = { server: this.#core.name, openUntil, request: JSON.parse(text) };
    const isKept = await this.store.add(keyOf(uri), pushed, Math.ceil(openUntil + DIALOG_LIFETIME + CLOCK_SKEW));
    if (isKept !== true) throw new Error('The store has not kept a pushed request');
    return uri;
  }

  async #find(uri: string): Promise<Pushed | undefined> {
    if (!uri.startsWith(PREFIX)) return undefined;
    const pushed = (await this.store.get(keyOf(uri))) as Pushed | undefined;
    if (pushed?.server !== this.#core.name) return undefined;
    return { ...pushed, request: { ...pushed.request, reference: uri } }; // the dialog stores this reference, and removes the record by it
  }

  /**
   * The request of a URI that a browser opens, and the seconds by which the browser is too late; undefined if the URI is unknown or the request was answered.
   */
  async open(uri: string): Promise<Opened | undefined> {
    const pushed = await this.#find(uri);
    return pushed && { request: pushed.request, late: this.#core.now() - pushed.openUntil };
  }

  /** The request of an open dialog; undefined if it was answered. */
  async recall(uri: string): Promise<AuthorizationRequest | undefined> {
    return (await this.#find(uri))?.request;
  }

  /** Removes a request because it is being answered. @returns whether this caller was the first */
  async take(uri: string): Promise<boolean> {
    return (await this.store.take(keyOf(uri))) !== undefined;
  }
}
