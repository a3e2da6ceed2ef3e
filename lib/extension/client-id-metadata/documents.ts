/** The clients whose documents were fetched. Each is kept for as long as its document says; their number is limited. */
import { judgeClient } from '../../clients/judge-client.js';
import type { Core } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import type { Fetch } from '../../http/fetch-text.js';
import { publicFetchFor } from '../../http/public-fetch.js';
import type { ClientLookup } from '../../steps.js';
import { type AgeLimits, lifetimeOf } from './caching.js';
import { Copies, type Copy } from './copies.js';
import { judgeDocument } from './document.js';
import { refused } from './fault.js';
import { fetchDocument } from './fetch.js';
import type { KnownClients } from './known.js';
import { DocumentBounds, PAUSE } from './limits.js';
import type { ClientIDMetadataOptions } from './options.js';
import { clientURL } from './url.js';

export class Documents<C, U> {
  readonly #core: Core<C, U>;
  readonly #options: ClientIDMetadataOptions<C>;
  readonly #known: KnownClients<C, U>;
  readonly #ages: AgeLimits;
  readonly #bounds: DocumentBounds;
  readonly #copies: Copies<C>;
  readonly #underWay = new Map<string, Promise<C>>();
  #fetch: Fetch | undefined;

  constructor(core: Core<C, U>, options: ClientIDMetadataOptions<C>, known: KnownClients<C, U>) {
    const { leastAge = 60, mostAge = 86_400, usualAge = 300, mostDocuments = 1000 } = options;
    const { atOnce = 20, perHostAndMinute = 30 } = options;
    this.#core = core;
    this.#options = options;
    this.#known = known;
    this.#ages = { least: leastAge, most: mostAge, usual: usualAge };
    this.#bounds = new DocumentBounds({ atOnce, perHostAndMinute });
    this.#copies = new Copies(mostDocuments);
    this.#fetch = options.fetch;
  }

  /**
   * The client with this identifier. Undefined if `lookup` wants a known client, and this one is unknown or no longer a client.
   *
   * @throws AuthorizationError if `lookup` allows a new client, and the identifier leads to none
   * @throws OAuth2Error `temporarily_unavailable` if its document cannot be fetched now
   */
  async find(clientID: string, lookup: ClientLookup): Promise<C | undefined> {
    try {
      return await this.#find(clientID, lookup);
    } catch (error) {
      if (!(error instanceof OAuth2Error) || error.status >= 500) throw error;
      if (lookup === 'must-be-known') return undefined;
      if (error instanceof AuthorizationError) throw error;
      throw refused(`The document of this client is not valid: ${error.message}`, error.message, clientID);
    }
  }

  /** Whether the client with this identifier, which was just found, was made by its document: its copy is here. */
  has(clientID: string): boolean {
    return this.#copies.get(clientID) !== undefined;
  }

  async #find(clientID: string, lookup: ClientLookup): Promise<C | undefined> {
    const url = clientURL(clientID);
    if (!url) throw refused('client_id is a URL that cannot identify a client', 'Draft §3', clientID);
    const { trusts } = this.#options;
    if (trusts && (await trusts(url)) !== true)
      throw refused('Unauthorized client', 'clientIDMetadata({ trusts }) does not trust it', clientID);
    const copy = this.#copies.get(clientID);
    if (copy && this.#isBefore(copy.until, copy)) return copy.client;
    // at other endpoints, a stranger cannot make the server fetch a URL
    if (lookup === 'must-be-known' && !copy && !(await this.#known.has(clientID))) return undefined;
    return this.#fetched(clientID, url);
  }

  #isBefore(end: number, { at }: Copy<C>): boolean {
    const now = this.#core.now();
    return at <= now && now < end; // if the clock has stepped back, the document is fetched again
  }

  /** Concurrent requests of one client share one fetch. */
  #fetched(clientID: string, url: URL): Promise<C> {
    const underWay = this.#underWay.get(clientID);
    if (underWay) return underWay;
    const fetched = this.#fetchedOrKept(clientID, url).finally(() => this.#underWay.delete(clientID));
    this.#underWay.set(clientID, fetched);
    return fetched;
  }

  async #fetchedOrKept(clientID: string, url: URL): Promise<C> {
    try {
      const isKnown = await this.#known.has(clientID);
      const wanted = { url, isKnown, now: this.#core.now() };
      return await this.#bounds.during(wanted, () => this.#load(clientID, isKnown));
    } catch (error) {
      return this.#copyFor(clientID, error);
    }
  }

  /**
   * The copy to use after a fetch has failed. Without it, strangers who use up the bounds, or a host that is down, would lock out clients that were accepted
   * before. Draft §5.2: the server MAY have bounds of its own. @throws the error if there is no such copy
   */
  #copyFor(clientID: string, error: unknown): C {
    if (!(error instanceof OAuth2Error)) throw error;
    if (error.status < 500) this.#copies.delete(clientID); // the document is gone or not valid: a later failure of its host must not bring the copy back
    const copy = this.#copies.get(clientID);
    if (!copy || !this.#isBefore(copy.last, copy)) throw error;
    copy.until = Math.min(this.#core.now() + PAUSE, copy.last);
    return copy.client;
  }

  /** Draft §5.2: neither invalid documents nor errors are kept. */
  async #load(clientID: string, isKnown: boolean): Promise<C> {
    const { fetchTimeout = 5, staleAge = 3600, client: make } = this.#options;
    this.#fetch ??= publicFetchFor(this.#core.issuer); // draft §8.6
    const wasAccepted = isKnown || this.#copies.get(clientID) !== undefined;
    const { text, headers } = await fetchDocument(clientID, { fetch: this.#fetch, timeout: fetchTimeout, wasAccepted });
    const registration = await judgeDocument(this.#core, clientID, text, this.#options);
    const client = make ? await make(registration) : (registration as unknown as C);
    if (client === undefined) throw refused('Unauthorized client', 'clientIDMetadata({ client }) gave none', clientID);
    judgeClient(this.#core, client, { document: new URL(clientID) });
    const at = this.#core.now();
    const until = at + lifetimeOf(headers, this.#ages);
    this.#copies.set(clientID, { client, at, until, last: until + staleAge }, { isKnown });
    return client;
  }
}
