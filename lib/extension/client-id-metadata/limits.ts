/** Limits the requests that strangers can make this server send. */
import { PerHost } from '../../http/per-host.js';
import { recentlyUsed } from '../../oldest-first.js';
import { unavailable } from './fault.js';

export interface Bounds {
  readonly atOnce: number;
  readonly perHostAndMinute: number;
}

/** The fetch of a client's document. */
export interface Wanted {
  readonly url: URL;
  /** Whether a user has authorized the client. */
  readonly isKnown: boolean;
  /** Epoch seconds. */
  readonly now: number;
}

/** Counts the running fetches, and those from each host in this minute. */
class Share {
  readonly #bounds: Bounds;
  readonly #hosts: PerHost;
  #underWay = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#hosts = new PerHost(bounds.perHostAndMinute);
  }

  async during<T>({ url, now }: Wanted, fetch: () => Promise<T>): Promise<T> {
    const { hostname, href } = url;
    const { atOnce, perHostAndMinute } = this.#bounds;
    if (this.#underWay >= atOnce) throw unavailable(`${atOnce} documents are being fetched: atOnce`, href, 1);
    const wait = this.#hosts.take(url, now);
    if (wait !== undefined)
      throw unavailable(`${perHostAndMinute} documents were fetched from ${hostname} in this minute`, href, wait);
    this.#underWay += 1;
    try {
      return await fetch();
    } finally {
      this.#underWay -= 1;
    }
  }
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
export class FetchBounds {
  readonly #ofAll: Share;
  readonly #ofKnown: Share;
  readonly #fetched = recentlyUsed(MAX_CLIENTS, () => ({ at: Number.NEGATIVE_INFINITY }));

  constructor(bounds: Bounds) {
    this.#ofAll = new Share(bounds);
    this.#ofKnown = new Share(bounds);
  }

  /** @throws OAuth2Error `temporarily_unavailable` if one more fetch would exceed a bound */
  during<T>(wanted: Wanted, fetch: () => Promise<T>): Promise<T> {
    const share = wanted.isKnown && this.#hasPaused(wanted) ? this.#ofKnown : this.#ofAll;
    return share.during(wanted, fetch);
  }

  #hasPaused({ url, now }: Wanted): boolean {
    const last = this.#fetched(url.href);
    const since = now - last.at;
    if (since >= 0 && since < PAUSE) return false;
    last.at = now;
    return true;
  }
}
