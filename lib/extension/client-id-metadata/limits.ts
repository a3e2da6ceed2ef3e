/** Limits the requests that strangers can make this server send. */
import { type FetchBounds, FetchShare, type RefuseFetch } from '../../http/fetch-share.js';
import { recentlyUsed } from '../../oldest-first.js';
import { unavailable } from './fault.js';

/** The fetch of a client's document. */
export interface Wanted {
  readonly url: URL;
  /** Whether a user has authorized the client. */
  readonly isKnown: boolean;
  /** Epoch seconds. */
  readonly now: number;
}

/** The number of known clients whose last fetch from the share of known clients is remembered. */
const MAX_CLIENTS = 1000;

/**
 * Seconds between two fetches of one document from the share of known clients. Otherwise a stranger could use up this share by naming a known client whose
 * document is gone.
 */
export const PAUSE = 30;

/**
 * The bounds, twice: a share for all clients, and a separate share for clients that a user has authorized. Strangers who name other URLs cannot use up the
 * second share.
 */
export class DocumentBounds {
  readonly #ofAll: FetchShare;
  readonly #ofKnown: FetchShare;
  readonly #fetched = recentlyUsed(MAX_CLIENTS, () => ({ at: Number.NEGATIVE_INFINITY }));

  constructor(bounds: FetchBounds) {
    const refuse: RefuseFetch = (why, { href }, wait) => unavailable(why, href, wait);
    this.#ofAll = new FetchShare(bounds, refuse);
    this.#ofKnown = new FetchShare(bounds, refuse);
  }

  /** @throws OAuth2Error `temporarily_unavailable` if one more fetch would exceed a bound */
  during<T>(wanted: Wanted, fetch: () => Promise<T>): Promise<T> {
    const share = wanted.isKnown && this.#hasPaused(wanted) ? this.#ofKnown : this.#ofAll;
    return share.during(wanted.url, wanted.now, fetch);
  }

  #hasPaused({ url, now }: Wanted): boolean {
    const last = this.#fetched(url.href);
    const since = now - last.at;
    if (since >= 0 && since < PAUSE) return false;
    last.at = now;
    return true;
  }
}
